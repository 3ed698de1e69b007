"""Which accounts have a label, or a name of an import."""

from sqlalchemy import select
from sqlmodel import Session

from crawler.models.chain import KNOWN_ACCOUNT
from crawler.models.drafts import LABEL


def labelled_accounts(session: Session, *, after: str = "", limit: int = 50) -> list[str]:
    """Account hashes by rising hash, those above `after` only. Reads both tables by key."""
    edited = select(LABEL.account_hash)
    named = select(KNOWN_ACCOUNT.account_hash).where(KNOWN_ACCOUNT.name.is_not(None))
    if after:
        edited = edited.where(LABEL.account_hash > after)
        named = named.where(KNOWN_ACCOUNT.account_hash > after)
    found = {
        *session.execute(edited.order_by(LABEL.account_hash).limit(limit)).scalars(),
        *session.execute(named.order_by(KNOWN_ACCOUNT.account_hash).limit(limit)).scalars(),
    }
    return sorted(found)[:limit]
