"""The outbox: letters are written here in the transaction of what causes them.

A body can hold a link that lets somebody in: it is sealed, and goes once the letter was sent or
its link has expired.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, insert, or_, select, update
from sqlmodel import Session

from casper_dash.keys import Keys
from casper_dash.mail.letter import Letter, letter_of
from casper_dash.mail.models import MAIL, Mail
from crawler.database import changed_rows

_PURPOSE = "mail"
_KEPT = timedelta(days=90)
_WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 3600))
"""After each failed attempt; the last one again and again until the letter expires."""
_CLAIMED = timedelta(minutes=2)
"""So long nobody else tries; whoever was killed meanwhile may have sent it: it is sent again."""


@dataclass(frozen=True)
class Listed:
    """A letter as administrators see it; without what it says."""

    id: str
    recipient: str
    subject: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    error: str | None


def post(session: Session, keys: Keys, letter: Letter, now: datetime, lasts: timedelta) -> str:
    """The id of a letter that is sent soon, and not after `lasts`."""
    letter_id = secrets.token_urlsafe(16)
    row = {
        "id": letter_id,
        "recipient": letter.recipient,
        "subject": letter.subject,
        "body": keys.seal(_PURPOSE, letter.as_json()),
        "state": "waiting",
        "created_at": now,
        "expires_at": now + lasts,
        "next_at": now,
        "attempts": 0,
    }
    session.execute(insert(Mail).values(**row))
    return letter_id


def first_due(session: Session, now: datetime) -> Row[Any] | None:
    """Id, sealed body, attempts and time of the letter that is due longest. Reads ix_mail_due."""
    due = (MAIL.state == "waiting", MAIL.next_at <= now, MAIL.expires_at > now)
    question = select(MAIL.id, MAIL.body, MAIL.attempts, MAIL.next_at).where(*due)
    return session.execute(question.order_by(MAIL.next_at).limit(1)).first()


def claim(session: Session, now: datetime) -> tuple[str, str, int] | None:
    """Id, sealed body and attempts of a letter that is due, which is the caller's for two minutes.

    None: nothing is due, or another process was faster.
    """
    row = first_due(session, now)
    if row is None:
        return None
    seen = (MAIL.id == row.id, MAIL.state == "waiting", MAIL.next_at == row.next_at)
    change = {"next_at": now + _CLAIMED, "attempts": row.attempts + 1}
    mine = changed_rows(session, update(Mail).where(*seen).values(**change))
    return (row.id, row.body, row.attempts) if mine else None


def sent(session: Session, letter_id: str, now: datetime) -> None:
    """It is with the mail server; nobody needs its body any more."""
    _change(session, letter_id, state="sent", sent_at=now, body=None, error=None)


def failed(session: Session, letter_id: str, attempts: int, error: str, now: datetime) -> None:
    """To be tried again later."""
    wait = _WAITS[min(attempts, len(_WAITS) - 1)]
    _change(session, letter_id, next_at=now + wait, error=error[:200])


def refused(session: Session, letter_id: str, error: str) -> None:
    """The server will never take it."""
    _change(session, letter_id, state="failed", body=None, error=error[:200])


def clear_away(session: Session, now: datetime) -> None:
    """Takes the body of what expired, and deletes what is old. Reads both indexes."""
    over = and_(MAIL.state == "waiting", MAIL.expires_at <= now)
    session.execute(update(Mail).where(over).values(state="expired", body=None))
    session.execute(delete(Mail).where(MAIL.created_at < now - _KEPT))


def letters(
    session: Session, *, before: tuple[datetime, str] | None = None, limit: int = 100
) -> list[Listed]:
    """Newest first, those before a letter's time and id only. Reads ix_mail_created."""
    names = ("id", "recipient", "subject", "state", "created_at", "sent_at", "attempts", "error")
    question = select(*(MAIL[name] for name in names))
    if before is not None:
        at, letter_id = before
        older = or_(MAIL.created_at < at, MAIL.id < letter_id)
        question = question.where(MAIL.created_at <= at, older)
    rows = session.execute(question.order_by(MAIL.created_at.desc(), MAIL.id.desc()).limit(limit))
    return [Listed(**row._mapping) for row in rows]


def read(session: Session, keys: Keys, letter_id: str) -> Letter | None:
    """What a letter says that was not sent yet; for a server that has no mail server.

    It lets its reader in: for administrators alone, and to be told to the audit.
    """
    body = session.execute(select(MAIL.body).where(MAIL.id == letter_id)).scalar()
    return opened(keys, body) if body else None


def opened(keys: Keys, body: str) -> Letter:
    """The letter in a sealed body. Raises SealBroken."""
    return letter_of(keys.unseal(_PURPOSE, body))


def _change(session: Session, letter_id: str, **values: object) -> None:
    session.execute(update(Mail).where(MAIL.id == letter_id).values(**values))
