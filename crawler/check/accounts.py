"""Known accounts: each public key hashes to the account it stands beside."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlmodel import Session

from crawler.check.report import Fault
from crawler.models.chain import KNOWN_ACCOUNT
from crawler.parse.keys import account_hash

_STREAM_ROWS = 5000


def account_faults(session: Session) -> Iterator[Fault]:
    """Each fault as one line."""
    question = select(KNOWN_ACCOUNT.account_hash, KNOWN_ACCOUNT.public_key).where(
        KNOWN_ACCOUNT.public_key.is_not(None)
    )
    for held, public_key in session.execute(question.execution_options(yield_per=_STREAM_ROWS)):
        if account_hash(public_key) != held:
            line = f"account {held}: {public_key} is another account's public key"
            yield Fault(line, account=held)
