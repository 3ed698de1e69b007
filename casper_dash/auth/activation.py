"""From an invitation to a session: a password, then the second factor."""

from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import Session

from casper_dash.audit import Actor, record
from casper_dash.auth.enrolment import Enrolment, begin_enrolment
from casper_dash.auth.errors import Refused
from casper_dash.auth.links import ACTIVATING, owner_of, use_link
from casper_dash.auth.lookup import Held, by_id, locked
from casper_dash.auth.models import PERSON, Person
from casper_dash.auth.passwords import check_password, hash_password
from casper_dash.auth.place import Place
from casper_dash.auth.sessions import Client
from crawler.database import read_session, transact

NO_LINK = "this link was used, has expired or was withdrawn; ask an administrator for a new one"


@dataclass(frozen=True)
class Invited:
    """Whom an activation link is for."""

    email: str
    name: str
    role: str


@dataclass(frozen=True)
class Chosen:
    """What the invited person chose; an empty name leaves the one of the invitation."""

    name: str
    password: str


def look_at_invitation(place: Place, token: str) -> Invited:
    """Does not use the link up. Raises Refused."""
    held = _invited(place, token)
    return Invited(held.email, held.name, held.role)


def activate(place: Place, token: str, chosen: Chosen, client: Client) -> Enrolment:
    """Uses the link up, and begins the enrolment of the second factor.

    Who is cut off here signs in with the new password and goes on. Raises Refused, or
    WeakPassword, which leaves the link good.
    """
    held = _invited(place, token)
    check_password(chosen.password, of=(held.email, chosen.name))
    hashed = hash_password(chosen.password)

    def change(session: Session) -> Enrolment:
        return _activate(session, place, token, chosen.name, hashed, client)

    return transact(place.engine, change)


def _activate(  # noqa: PLR0913 (what was typed, and where)
    session: Session, place: Place, token: str, name: str, hashed: str, client: Client
) -> Enrolment:
    now = place.now()
    person_id = use_link(session, ACTIVATING, token, now)
    held = locked(session, person_id) if person_id else None
    if held is None or held.state != "invited":
        raise Refused(NO_LINK)
    shown = name or held.name
    active = {"state": "active", "activated_at": now, "name": shown}
    secret = {"password_hash": hashed, "password_at": now, "totp_secret": None}
    session.execute(update(Person).where(PERSON.id == held.id).values(**active, **secret))
    record(session, Actor(held.id, shown, client.address), "person.activate", f"person {held.id}")
    return begin_enrolment(session, place.keys, held.id, held.email, now)


def _invited(place: Place, token: str) -> Held:
    with read_session(place.engine) as session:
        person_id = owner_of(session, ACTIVATING, token, place.now())
        held = by_id(session, person_id) if person_id else None
    if held is None or held.state != "invited":
        raise Refused(NO_LINK)
    return held
