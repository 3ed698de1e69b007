"""One-time links: invitation, first activation, reset. Good once, for a day or an hour.

The token stands behind `#`, which browsers send to nobody: no log and no `Referer` has it.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy import insert as insert_into
from sqlmodel import Session

from casper_dash.auth.models import ONE_TIME_LINK, OneTimeLink
from casper_dash.auth.random import new_token, token_hash
from crawler.database import changed_rows


class Link(StrEnum):
    """What a link is for."""

    INVITATION = "invitation"
    ACTIVATION = "activation"
    RESET = "reset"


ACTIVATING = (Link.INVITATION, Link.ACTIVATION)
ACTIVATION_PATH = "/activation"
RESET_PATH = "/reset"
"""Pages of the panel, below ADMIN_URL."""
_LASTS = {
    Link.INVITATION: timedelta(hours=24),
    Link.ACTIVATION: timedelta(hours=24),
    Link.RESET: timedelta(hours=1),
}


def lasts(kind: Link) -> timedelta:
    """How long a link of this kind is good."""
    return _LASTS[kind]


def make_link(session: Session, kind: Link, person_id: str, now: datetime) -> str:
    """The token of a new link; the person's earlier ones of all kinds count no more."""
    cancel_links(session, person_id)
    token = new_token()
    row = {
        "token_hash": token_hash(token),
        "kind": kind,
        "person_id": person_id,
        "created_at": now,
        "expires_at": now + _LASTS[kind],
    }
    session.execute(insert_into(OneTimeLink).values(**row))
    return token


def link_url(admin_url: str, kind: Link, token: str) -> str:
    """What is sent or printed."""
    return f"{admin_url}{RESET_PATH if kind is Link.RESET else ACTIVATION_PATH}#{token}"


def owner_of(session: Session, kinds: tuple[Link, ...], token: str, now: datetime) -> str | None:
    """The id of whom an unused link is for; None where it is none of these kinds."""
    question = select(ONE_TIME_LINK.person_id).where(*_good(kinds, token, now))
    return session.execute(question).scalar()


def use_link(session: Session, kinds: tuple[Link, ...], token: str, now: datetime) -> str | None:
    """Uses the link up; the id of whom it is for. Of two at once one gets it."""
    person_id = owner_of(session, kinds, token, now)
    mark = update(OneTimeLink).where(*_good(kinds, token, now)).values(used_at=now)
    return person_id if changed_rows(session, mark) else None


def cancel_links(session: Session, person_id: str) -> None:
    """No unused link of this person is good any more. Reads ix_one_time_link_person."""
    unused = (ONE_TIME_LINK.person_id == person_id, ONE_TIME_LINK.used_at.is_(None))
    session.execute(delete(OneTimeLink).where(*unused))


def _good(kinds: tuple[Link, ...], token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        ONE_TIME_LINK.token_hash == token_hash(token),
        ONE_TIME_LINK.kind.in_(kinds),
        ONE_TIME_LINK.used_at.is_(None),
        ONE_TIME_LINK.expires_at > now,
    )
