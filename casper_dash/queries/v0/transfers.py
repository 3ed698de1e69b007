"""Native transfers of an era or an account, the largest first, as the older platform cuts them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session

from casper_dash.queries.paging import Row, rows
from casper_dash.queries.published import APPROVED
from crawler.columns import motes_sum
from crawler.models.chain import TRANSFER, KnownAccount, Transfer
from crawler.models.table import table_of

_sender = aliased(table_of(KnownAccount))
_receiver = aliased(table_of(KnownAccount))
_COLUMNS = (
    TRANSFER.height,
    TRANSFER.index.label("place"),  # a row's `index` is a method
    TRANSFER.submitted_at,
    TRANSFER.depth,
    APPROVED.label("approved"),
    TRANSFER.era_id,
    TRANSFER.deploy_hash,
    _sender.c.public_key.label("from_public_key"),
    TRANSFER.from_account_hash,
    TRANSFER.source,
    _receiver.c.public_key.label("to_public_key"),
    TRANSFER.to_account_hash,
    TRANSFER.target,
    TRANSFER.amount,
)


@dataclass(frozen=True)
class Party:
    """An account, or a purse that belongs to none as far as transfers tell."""

    account_hash: str | None
    purse: str = ""

    @property
    def receives(self) -> ColumnElement[bool]:
        """The condition for what comes in."""
        if self.account_hash is not None:
            return TRANSFER.to_account_hash == self.account_hash
        return and_(TRANSFER.to_account_hash.is_(None), TRANSFER.target == self.purse)

    @property
    def sends(self) -> ColumnElement[bool] | None:
        """The condition for what goes out; None: a purse, whose sender is always named."""
        if self.account_hash is None:
            return None
        return TRANSFER.from_account_hash == self.account_hash


@dataclass(frozen=True)
class Side:
    """Transfers in one direction: how many, how many motes, and the largest of them."""

    amount: int
    total: int
    largest: tuple[Row, ...]


def era_side(session: Session, era_id: int, most: int) -> Side:
    """An era's transfers. Reads its part of ix_transfer_era."""
    return _side(session, TRANSFER.era_id == era_id, most)


def party_sides(session: Session, party: Party, most: int) -> tuple[Side, Side]:
    """What came in and what went out. Reads the account's parts of its two indexes; for a purse
    those of every transfer into purses."""
    incoming = _side(session, party.receives, most)
    sends = party.sends
    return incoming, Side(0, 0, ()) if sends is None else _side(session, sends, most)


def _side(session: Session, condition: ColumnElement[bool], most: int) -> Side:
    native = and_(condition, TRANSFER.kind == "native")
    total, amount = session.execute(
        select(func.count(), motes_sum(TRANSFER.amount)).where(native)
    ).one()
    largest = rows(session, _select().where(native).limit(most)) if most else []
    return Side(amount=amount, total=total, largest=tuple(largest))


def _select() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .select_from(table_of(Transfer))
        .outerjoin(_sender, _sender.c.account_hash == TRANSFER.from_account_hash)
        .outerjoin(_receiver, _receiver.c.account_hash == TRANSFER.to_account_hash)
        .order_by(TRANSFER.amount.desc(), TRANSFER.height, TRANSFER.index)
    )
