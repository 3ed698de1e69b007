"""What a text names: a block, an era, a transaction, an account or a validator."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from crawler.models.chain import BLOCK, ERA_VALIDATOR, KNOWN_ACCOUNT, TRANSFER
from crawler.models.figures import ERA
from crawler.parse.keys import account_hash, is_hash, is_public_key

NAMES_SHOWN = 20


@dataclass(frozen=True)
class Hit:
    """Something that was found: `id` is what the API's path of that kind takes."""

    kind: str
    id: str
    title: str


def search(session: Session, text: str) -> list[Hit]:
    """What the text names, the likeliest first. Reads keys and indexes; of names, all that are
    given."""
    word = text.strip().lower().removeprefix("account-hash-")
    if word.isascii() and word.isdigit():
        found = _numbered(session, int(word))
    elif is_hash(word):
        found = _hashed(session, word)
    elif is_public_key(word):
        found = _keyed(session, word)
    else:
        found = []
    return found + _named(session, word)


def _numbered(session: Session, number: int) -> list[Hit]:
    hits = []
    if number < 2**63 and _holds(session, BLOCK.height == number):
        hits.append(Hit("block", str(number), f"Block {number}"))
    if number < 2**63 and _holds(session, ERA.id == number):
        hits.append(Hit("era", str(number), f"Era {number}"))
    return hits


def _hashed(session: Session, digest: str) -> list[Hit]:
    hits = []
    height = session.execute(select(BLOCK.height).where(BLOCK.hash == digest)).scalar()
    if height is not None:
        hits.append(Hit("block", str(height), f"Block {height}"))
    at = select(TRANSFER.height).where(TRANSFER.deploy_hash == digest).limit(1)
    height = session.execute(at).scalar()
    if height is not None:
        hits.append(Hit("transaction", digest, f"Transfer in block {height}"))
    return hits + _account(session, digest)


def _keyed(session: Session, public_key: str) -> list[Hit]:
    hits = []
    if _holds(session, ERA_VALIDATOR.public_key == public_key):
        hits.append(Hit("validator", public_key, f"Validator {public_key}"))
    return hits + _account(session, account_hash(public_key))


def _account(session: Session, digest: str) -> list[Hit]:
    known: Any = session.execute(
        select(KNOWN_ACCOUNT.name).where(KNOWN_ACCOUNT.account_hash == digest)
    ).first()
    moved = TRANSFER.from_account_hash == digest, TRANSFER.to_account_hash == digest
    if known is None and not any(_holds(session, side) for side in moved):
        return []
    name = known.name if known else None
    return [Hit("account", digest, name or f"Account {digest}")]


def _named(session: Session, word: str) -> list[Hit]:
    """Accounts in whose name the text is, by name."""
    statement = (
        select(KNOWN_ACCOUNT.account_hash, KNOWN_ACCOUNT.name)
        .where(KNOWN_ACCOUNT.name.is_not(None))
        .where(func.lower(KNOWN_ACCOUNT.name).contains(word, autoescape=True))
        .order_by(KNOWN_ACCOUNT.name)
        .limit(NAMES_SHOWN)
    )
    return [Hit("account", row.account_hash, row.name) for row in session.execute(statement)]


def _holds(session: Session, condition: ColumnElement[bool]) -> bool:
    return session.execute(select(1).where(condition).limit(1)).first() is not None
