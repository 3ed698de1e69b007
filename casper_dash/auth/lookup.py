"""A person's row by id or address, as signing in and administration need it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session

from casper_dash.auth.models import PERSON
from casper_dash.auth.roles import Role
from casper_dash.mail_address import address_key


@dataclass(frozen=True)
class Held:
    """What the database holds of a person, secrets included: for no page and no log."""

    id: str
    email: str
    name: str
    role: Role
    state: str
    password_hash: str | None
    totp_secret: str | None


def by_email(session: Session, email: str) -> Held | None:
    """Whoever has this address and was not deactivated. Reads ix_person_email."""
    return _one(session, _question().where(PERSON.email_key == address_key(email)))


def by_id(session: Session, person_id: str) -> Held | None:
    """Reads the primary key."""
    return _one(session, _question().where(PERSON.id == person_id))


def locked(session: Session, person_id: str) -> Held | None:
    """The same, for whoever changes the row: it stays so until the transaction ends."""
    return _one(session, _question().where(PERSON.id == person_id).with_for_update())


def _question() -> Select[Any]:
    names = ("id", "email", "name", "role", "state", "password_hash", "totp_secret")
    return select(*(PERSON[name] for name in names))


def _one(session: Session, question: Select[Any]) -> Held | None:
    row = session.execute(question).first()
    return None if row is None else Held(**{**row._mapping, "role": Role(row.role)})
