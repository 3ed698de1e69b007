"""Accounts: who they are, what they hold, and what they sent and received."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, func, select
from sqlmodel import Session

from crawler.columns import motes_sum
from crawler.models.chain import BALANCE, KNOWN_ACCOUNT, TRANSFER


@dataclass(frozen=True)
class AccountId:
    """An account by its hash, and by its public key where that is known."""

    account_hash: str
    public_key: str | None = None


@dataclass(frozen=True)
class Turnover:
    """Native transfers in one direction; the sum in motes."""

    count: int
    amount: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class Account:
    """An account. `balance` is the newest that is known, in motes."""

    public_key: str | None
    account_hash: str
    name: str | None
    balance: int | None
    received: Turnover
    sent: Turnover

    @property
    def first_seen(self) -> datetime | None:
        """When its first transfer was."""
        return min(filter(None, (self.received.first, self.sent.first)), default=None)

    @property
    def last_seen(self) -> datetime | None:
        """When its last transfer was."""
        return max(filter(None, (self.received.last, self.sent.last)), default=None)


def account(session: Session, wanted: AccountId) -> Account | None:
    """The account; None where nothing is known of it.

    Reads its row of `known_account`, its newest balance, and its entries in ix_transfer_from_amount
    and ix_transfer_to_amount, but of its transfers the first and the last alone.
    """
    known: Any = session.execute(
        select(KNOWN_ACCOUNT.public_key, KNOWN_ACCOUNT.name).where(
            KNOWN_ACCOUNT.account_hash == wanted.account_hash
        )
    ).first()
    received = _turnover(session, TRANSFER.to_account_hash, wanted.account_hash)
    sent = _turnover(session, TRANSFER.from_account_hash, wanted.account_hash)
    if known is None and not received.count and not sent.count:
        return None
    return Account(
        public_key=wanted.public_key or (known.public_key if known else None),
        account_hash=wanted.account_hash,
        name=known.name if known else None,
        balance=_newest_balance(session, wanted.account_hash),
        received=received,
        sent=sent,
    )


def public_key_of(session: Session, wanted: AccountId) -> str | None:
    """The account's public key, where it is given or known. Reads the key of `known_account`."""
    if wanted.public_key is not None:
        return wanted.public_key
    statement = select(KNOWN_ACCOUNT.public_key).where(
        KNOWN_ACCOUNT.account_hash == wanted.account_hash
    )
    return session.execute(statement).scalar()


def _turnover(session: Session, side: Column[Any], account_hash: str) -> Turnover:
    # of all its transfers only what the index holds: rows are read one by one, a thousandfold
    count, amount, first, last = session.execute(
        select(
            func.count(),
            motes_sum(TRANSFER.amount),
            func.min(TRANSFER.height),
            func.max(TRANSFER.height),
        ).where(side == account_hash, TRANSFER.kind == "native")
    ).one()
    return Turnover(count, amount, _time_at(session, first), _time_at(session, last))


def _time_at(session: Session, height: int | None) -> datetime | None:
    """When a height that has transfers was. Reads the key."""
    if height is None:
        return None
    statement = select(TRANSFER.timestamp).where(TRANSFER.height == height).limit(1)
    return session.execute(statement).scalar()


def _newest_balance(session: Session, account_hash: str) -> int | None:
    """Reads the account's part of `balance`'s key from its end."""
    return session.execute(
        select(BALANCE.balance)
        .where(BALANCE.account_hash == account_hash, BALANCE.balance.is_not(None))
        .order_by(BALANCE.height.desc())
        .limit(1)
    ).scalar()
