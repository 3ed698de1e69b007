"""What the server must remember between the two requests of an enrolment or a passkey."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, insert, select
from sqlmodel import Session

from casper_dash.auth.models import CEREMONY, Ceremony
from casper_dash.auth.random import new_token, token_hash
from casper_dash.keys import Keys
from crawler.database import changed_rows

_LASTS = timedelta(minutes=15)


class Kind(StrEnum):
    """What is under way."""

    TOTP = "totp"
    PASSKEY = "passkey"
    PASSKEY_SIGN_IN = "passkey-sign-in"


def begin_ceremony(  # noqa: PLR0913 (what a ceremony consists of)
    session: Session,
    keys: Keys,
    kind: Kind,
    secret: str,
    now: datetime,
    person_id: str | None = None,
) -> str:
    """The token with which the second request refers to it."""
    token = new_token()
    row = {
        "token_hash": token_hash(token),
        "kind": kind,
        "person_id": person_id,
        "secret": keys.seal(kind, secret),
        "expires_at": now + _LASTS,
    }
    session.execute(insert(Ceremony).values(**row))
    return token


def look(
    session: Session, keys: Keys, kind: Kind, token: str, now: datetime
) -> tuple[str | None, str] | None:
    """The person's id and the secret; None where nothing of this kind is under way."""
    question = select(CEREMONY.person_id, CEREMONY.secret).where(
        CEREMONY.token_hash == token_hash(token), CEREMONY.kind == kind, CEREMONY.expires_at > now
    )
    row = session.execute(question).first()
    return None if row is None else (row.person_id, keys.unseal(kind, row.secret))


def finish(session: Session, token: str) -> bool:
    """Ends it; False where another request did so first."""
    over = delete(Ceremony).where(CEREMONY.token_hash == token_hash(token))
    return changed_rows(session, over) > 0


def end_ceremonies(session: Session, person_id: str) -> None:
    """Ends what is under way for a person. Reads all: they are few."""
    session.execute(delete(Ceremony).where(CEREMONY.person_id == person_id))


def clear_away(session: Session, now: datetime) -> None:
    """Deletes what has expired. Reads ix_ceremony_expires."""
    session.execute(delete(Ceremony).where(CEREMONY.expires_at <= now))
