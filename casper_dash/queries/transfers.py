"""Transfers with what is known of their accounts, and whether the publication counts them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from operator import eq, ge, le
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session

from casper_dash.queries.paging import Page, Row, given, in_time, paged, rows
from casper_dash.queries.published import DECISION, IS_DECISION
from crawler.models.chain import TRANSFER, Balance, KnownAccount, Transfer
from crawler.models.table import table_of

KINDS = ("native", "contract", "staking")

Kind = Literal["native", "contract", "staking", "all"]
Direction = Literal["in", "out"]
Sort = Literal["height", "amount"]

_KEYS: dict[Sort, Sequence[ColumnElement[Any]]] = {
    "height": (TRANSFER.height, TRANSFER.index),
    "amount": (TRANSFER.amount, TRANSFER.height, TRANSFER.index),
}
_sender = aliased(table_of(KnownAccount))
_receiver = aliased(table_of(KnownAccount))
_from_balance = aliased(table_of(Balance))
_to_balance = aliased(table_of(Balance))
_COLUMNS = (
    TRANSFER.height,
    TRANSFER.index,
    TRANSFER.era_id,
    TRANSFER.kind,
    TRANSFER.deploy_hash,
    TRANSFER.timestamp,
    TRANSFER.submitted_at,
    _sender.c.public_key.label("from_public_key"),
    TRANSFER.from_account_hash,
    _receiver.c.public_key.label("to_public_key"),
    TRANSFER.to_account_hash,
    TRANSFER.source,
    TRANSFER.target,
    TRANSFER.amount,
    TRANSFER.transfer_id,
    TRANSFER.depth,
    DECISION.c.approved,
    DECISION.c.decided_by,
    DECISION.c.decided_at,
    DECISION.c.reason,
    _from_balance.c.balance.label("from_balance"),
    _to_balance.c.balance.label("to_balance"),
)


@dataclass(frozen=True)
class TransferFilter:
    """Which transfers, and in which order; bounds of amounts inclusive, `after` ≤ time < `before`.

    `account` is an account hash, `direction` seen from it.
    """

    account: str | None = None
    direction: Direction | None = None
    era_id: int | None = None
    after: datetime | None = None
    before: datetime | None = None
    min_amount: int | None = None
    max_amount: int | None = None
    depth: int | None = None
    deploy_hash: str | None = None
    kind: Kind = "native"
    sort: Sort = "height"


def transfers(session: Session, wanted: TransferFilter, page: Page) -> list[Row]:
    """Transfers by height and index, or by amount.

    Reads the index of account, era, deploy or kind and amount; accounts, balances and approvals
    of the page's rows by their keys.
    """
    key = _KEYS[wanted.sort]
    common = _conditions(session, wanted)
    pages = [paged(select(*key).where(*common, *branch), key, page) for branch in _branches(wanted)]
    if len(pages) == 1:
        return rows(session, paged(_select().where(*common, *_branches(wanted)[0]), key, page))
    # one index each, and of each no more than a page: an OR would be sorted as a whole
    found = union_all(*(select(each.subquery()) for each in pages)).subquery()
    same = and_(found.c.height == TRANSFER.height, found.c.index == TRANSFER.index)
    statement = _select().join(found, same)
    return rows(session, paged(statement, key, page))


def _conditions(session: Session, wanted: TransferFilter) -> list[ColumnElement[bool]]:
    conditions = given(
        (eq, TRANSFER.era_id, wanted.era_id),
        (ge, TRANSFER.amount, wanted.min_amount),
        (le, TRANSFER.amount, wanted.max_amount),
        (eq, TRANSFER.depth, wanted.depth),
        (eq, TRANSFER.deploy_hash, wanted.deploy_hash),
    )
    times = in_time(session, TRANSFER.height, TRANSFER.timestamp, wanted.after, wanted.before)
    return conditions + times


def _branches(wanted: TransferFilter) -> list[list[ColumnElement[bool]]]:
    """Conditions of selections without a common row that make the wanted one together."""
    return [[*side, *kind] for side, kind in product(_sides(wanted), _kinds(wanted))]


def _sides(wanted: TransferFilter) -> list[list[ColumnElement[bool]]]:
    if wanted.account is None:
        return [[]]
    received = TRANSFER.to_account_hash == wanted.account
    sent = TRANSFER.from_account_hash == wanted.account
    if wanted.direction is not None:
        return [[received if wanted.direction == "in" else sent]]
    elsewhere = or_(TRANSFER.to_account_hash != wanted.account, TRANSFER.to_account_hash.is_(None))
    return [[received], [sent, elsewhere]]


def _kinds(wanted: TransferFilter) -> list[list[ColumnElement[bool]]]:
    if wanted.kind != "all":
        return [[TRANSFER.kind == wanted.kind]]
    if wanted.sort == "height":
        return [[]]
    return [[TRANSFER.kind == kind] for kind in KINDS]


def _select() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .select_from(table_of(Transfer))
        .outerjoin(_sender, _sender.c.account_hash == TRANSFER.from_account_hash)
        .outerjoin(_receiver, _receiver.c.account_hash == TRANSFER.to_account_hash)
        .outerjoin(DECISION, IS_DECISION)
        .outerjoin(_from_balance, _balance_of(_from_balance, TRANSFER.from_account_hash))
        .outerjoin(_to_balance, _balance_of(_to_balance, TRANSFER.to_account_hash))
    )


def _balance_of(balance: Any, account_hash: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(balance.c.account_hash == account_hash, balance.c.height == TRANSFER.height)
