"""What stands around people: their live sessions, tokens and passkeys, and open invitations."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from casper_dash.auth.links import Link, lasts
from casper_dash.auth.models import API_TOKEN, ONE_TIME_LINK, PASSKEY, PERSON, SESSION
from casper_dash.auth.recovery import codes_left
from casper_dash.auth.sessions import IDLE
from casper_dash.mail.models import MAIL


@dataclass(frozen=True)
class Around:
    """By a person's id; who has none is missing."""

    sessions: dict[str, int]
    tokens: dict[str, int]
    passkeys: dict[str, int]


@dataclass(frozen=True)
class Open:
    """An invitation whose link is good, and what became of its letter."""

    expires_at: datetime
    letter: str
    """waiting, sent, failed or expired; "" where it is no longer kept."""
    error: str


@dataclass(frozen=True)
class Own:
    """Facts of one's own account that a session does not tell."""

    password_at: datetime | None
    second_factor: bool
    codes_left: int


def around(session: Session, now: datetime) -> Around:
    """Three counts over small tables."""
    live = select(SESSION.person_id, func.count(SESSION.id)).where(
        SESSION.expires_at > now, SESSION.last_seen_at > now - IDLE
    )
    tokens = select(API_TOKEN.person_id, func.count(API_TOKEN.id)).where(
        API_TOKEN.revoked_at.is_(None), API_TOKEN.expires_at > now
    )
    passkeys = select(PASSKEY.person_id, func.count(PASSKEY.id))
    return Around(
        *(
            {person_id: count for person_id, count in session.execute(question.group_by(owner))}  # noqa: C416 (rows)
            for question, owner in (
                (live, SESSION.person_id),
                (tokens, API_TOKEN.person_id),
                (passkeys, PASSKEY.person_id),
            )
        )
    )


def invitations(session: Session, now: datetime) -> dict[str, Open]:
    """The good links of those invited, by person; who is missing has to be invited again.

    Reads people and links as a whole: they are few.
    """
    question = select(PERSON.id, PERSON.email, ONE_TIME_LINK.expires_at).where(
        PERSON.state == "invited",
        ONE_TIME_LINK.person_id == PERSON.id,
        ONE_TIME_LINK.kind == Link.INVITATION,
        ONE_TIME_LINK.used_at.is_(None),
        ONE_TIME_LINK.expires_at > now,
    )
    links = session.execute(question).all()
    letters = _newest_letters(session, [link.email for link in links], now)
    return {link.id: Open(link.expires_at, *letters.get(link.email, ("", ""))) for link in links}


def own(session: Session, person_id: str) -> Own:
    """Of one person, by primary keys."""
    columns = (PERSON.password_at, PERSON.totp_secret.is_not(None).label("factor"))
    row = session.execute(select(*columns).where(PERSON.id == person_id)).one()
    return Own(row.password_at, bool(row.factor), codes_left(session, person_id))


def _newest_letters(
    session: Session, recipients: list[str], now: datetime
) -> dict[str, tuple[str, str]]:
    """State and error of the last letter of a day to each. Reads ix_mail_created."""
    lately = (MAIL.created_at > now - lasts(Link.INVITATION), MAIL.recipient.in_(recipients))
    question = select(MAIL.recipient, MAIL.state, MAIL.error).where(*lately)
    rows = session.execute(question.order_by(MAIL.created_at, MAIL.id))
    return {row.recipient: (row.state, row.error or "") for row in rows}
