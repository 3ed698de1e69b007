"""Known accounts, and the balances that are stored."""

from sqlalchemy import select
from sqlmodel import Session

from casper_dash.queries.paging import Row, one, rows
from crawler.models.chain import BALANCE, KNOWN_ACCOUNT

_COLUMNS = (
    KNOWN_ACCOUNT.account_hash,
    KNOWN_ACCOUNT.public_key,
    KNOWN_ACCOUNT.name,
    KNOWN_ACCOUNT.comment,
)


def known_account(session: Session, account_hash: str) -> Row | None:
    """The account; None where nothing is known of it. Reads the key."""
    return one(session, select(*_COLUMNS).where(KNOWN_ACCOUNT.account_hash == account_hash))


def named_accounts(session: Session) -> list[Row]:
    """Every account with a name, by its hash. Reads ix_known_account_name."""
    statement = select(*_COLUMNS).where(KNOWN_ACCOUNT.name > "")
    return rows(session, statement.order_by(KNOWN_ACCOUNT.account_hash))


def stored_balance(session: Session, account_hash: str, height: int) -> Row | None:
    """The balance after a block: null in it, nodes were asked and told none. Reads the key."""
    key = (BALANCE.account_hash == account_hash, BALANCE.height == height)
    return one(session, select(BALANCE.balance).where(*key))
