"""What administrators do to people: change, deactivate, let in again, sign out.

Each function checks the caller's role by itself, tells the audit, and keeps to one rule above all:
somebody must remain who can administer.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlmodel import Session

from casper_dash.audit import record
from casper_dash.auth import letters, sessions
from casper_dash.auth.ceremonies import end_ceremonies
from casper_dash.auth.errors import NotAllowed, NotPossible
from casper_dash.auth.links import Link, cancel_links, lasts, make_link
from casper_dash.auth.lookup import Held, by_email, locked
from casper_dash.auth.models import PASSKEY, PERSON, RECOVERY_CODE, SESSION, Passkey, RecoveryCode
from casper_dash.auth.models import Person as PersonRow
from casper_dash.auth.place import Place
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person
from casper_dash.mail.outbox import post
from casper_dash.mail_address import address_key
from casper_dash.settings import AppSettings

_NAME_LENGTH = 100
_NOBODY = "there is no such person"


@dataclass(frozen=True)
class Listed:
    """A person as administrators see them."""

    id: str
    email: str
    name: str
    role: Role
    state: str
    second_factor: bool
    created_at: datetime
    last_seen_at: datetime | None
    """While a session of theirs is there."""


def people(session: Session, by: Person) -> list[Listed]:
    """Everybody by name, the deactivated too. Two statements: there are few."""
    require(by, Role.ADMINISTRATOR)
    newest = select(SESSION.person_id, func.max(SESSION.last_seen_at)).group_by(SESSION.person_id)
    seen = {person_id: at for person_id, at in session.execute(newest)}  # noqa: C416 (rows)
    names = ("id", "email", "name", "role", "state", "created_at")
    columns = (*(PERSON[name] for name in names), PERSON.totp_secret.is_not(None).label("factor"))
    rows = session.execute(select(*columns).order_by(PERSON.name, PERSON.id))
    return [_listed(row, seen.get(row.id)) for row in rows]


def change_role(session: Session, by: Person, person_id: str, role: Role, reason: str) -> None:
    """Ends the person's sessions: each page was shown under the old role."""
    held = administered(session, by, person_id)
    if held.role == role:
        return
    if role < Role.ADMINISTRATOR:
        _keep_an_administrator(session, held)
    _set(session, held.id, role=role)
    sessions.end_all(session, held.id)
    record(
        session,
        by.actor,
        "person.role",
        f"person {held.id}",
        before={"role": held.role},
        after={"role": role},
        reason=reason,
    )


def rename(session: Session, by: Person, person_id: str, name: str) -> None:
    """Oneself, or by an administrator. What the audit has keeps the name of its time."""
    if by.id != person_id:
        require(by, Role.ADMINISTRATOR)
    check_name(name)
    held = _held(session, person_id)
    _set(session, held.id, name=name)
    before, after = {"name": held.name}, {"name": name}
    record(session, by.actor, "person.rename", f"person {held.id}", before=before, after=after)


def deactivate(session: Session, by: Person, person_id: str, reason: str) -> None:
    """Ends all sessions, links and tokens' use; the mail address is free for another."""
    held = administered(session, by, person_id)
    must_be(held, "active")
    _keep_an_administrator(session, held)
    _set(session, held.id, state="deactivated", email_key=None)
    cancel_links(session, held.id)
    end_ceremonies(session, held.id)
    sessions.end_all(session, held.id)
    record(session, by.actor, "person.deactivate", f"person {held.id}", reason=reason)


def reactivate(session: Session, by: Person, person_id: str, reason: str) -> None:
    """As before, with the same password and second factor."""
    held = administered(session, by, person_id)
    must_be(held, "deactivated")
    if by_email(session, held.email) is not None:
        raise NotPossible(f"{held.email} is somebody else's now")
    _set(session, held.id, state="active", email_key=address_key(held.email))
    record(session, by.actor, "person.reactivate", f"person {held.id}", reason=reason)


def reset_second_factor(
    session: Session, place: Place, by: Person, person_id: str, reason: str
) -> None:
    """For whoever lost device and codes: the next sign-in enrols a new one.

    The password alone is no way in meanwhile for whoever has it: a new one is asked for by mail.
    """
    held = administered(session, by, person_id)
    must_be(held, "active")
    if held.id == by.id:
        raise NotPossible("replace your own second factor in your account")
    _set(session, held.id, totp_secret=None, password_hash=None)
    session.execute(delete(RecoveryCode).where(RECOVERY_CODE.person_id == held.id))
    session.execute(delete(Passkey).where(PASSKEY.person_id == held.id))
    end_ceremonies(session, held.id)
    sessions.end_all(session, held.id)
    _send_reset(session, place, held)
    record(session, by.actor, "second_factor.reset", f"person {held.id}", reason=reason)


def send_reset(session: Session, place: Place, by: Person, person_id: str) -> None:
    """A letter that lets the person choose a new password."""
    held = administered(session, by, person_id)
    must_be(held, "active")
    _send_reset(session, place, held)
    record(session, by.actor, "password.send_reset", f"person {held.id}")


def end_session(session: Session, by: Person, person_id: str, session_id: str) -> None:
    """One's own, or anybody's by an administrator."""
    if by.id != person_id:
        require(by, Role.ADMINISTRATOR)
    if not sessions.end(session, person_id, session_id):
        raise NotPossible("this session has ended already")
    what = {"session": session_id}
    record(session, by.actor, "session.revoke", f"person {person_id}", before=what)


def end_sessions(session: Session, by: Person, person_id: str) -> int:
    """All of them, but the caller's own; how many there were."""
    if by.id != person_id:
        require(by, Role.ADMINISTRATOR)
    count = sessions.end_all(session, person_id, but=by.session_id)
    what = {"sessions": count}
    record(session, by.actor, "session.revoke_all", f"person {person_id}", before=what)
    return count


def administrators(session: Session) -> int:
    """How many can administer now. Reads ix_person_role."""
    able = (PERSON.role == Role.ADMINISTRATOR, PERSON.state == "active")
    return int(session.execute(select(func.count(PERSON.id)).where(*able)).scalar_one())


def second_person_confirms(session: Session, settings: AppSettings) -> bool:
    """Whether a publication needs a second person: PUBLISH_NEEDS_SECOND, or what is sensible."""
    if settings.publish_needs_second is not None:
        return settings.publish_needs_second
    return settings.environment == "production" and administrators(session) > 1


def require(by: Person, role: Role) -> None:
    """Raises NotAllowed."""
    if by.role < role:
        raise NotAllowed(role)


def _keep_an_administrator(session: Session, held: Held) -> None:
    """Raises NotPossible if nobody could administer without this one.

    The rows of all are locked: of two who dismiss each other at once one comes second.
    """
    able = (PERSON.role == Role.ADMINISTRATOR, PERSON.state == "active")
    question = select(PERSON.id).where(*able).order_by(PERSON.id).with_for_update()
    if set(session.execute(question).scalars()) == {held.id}:
        raise NotPossible("this is the last administrator: make another one first")


def administered(session: Session, by: Person, person_id: str) -> Held:
    """The person's row, locked, for an administrator alone. Raises NotAllowed or NotPossible."""
    require(by, Role.ADMINISTRATOR)
    return _held(session, person_id)


def _held(session: Session, person_id: str) -> Held:
    held = locked(session, person_id)
    if held is None:
        raise NotPossible(_NOBODY)
    return held


def must_be(held: Held, state: str) -> None:
    """Raises NotPossible."""
    if held.state != state:
        raise NotPossible(f"{held.name} is {held.state}, not {state}")


def check_name(name: str) -> None:
    """Raises NotPossible unless it is one line."""
    if not name.isprintable() or not 0 < len(name.strip()) <= len(name) <= _NAME_LENGTH:
        raise NotPossible(f"a name is one line of 1 to {_NAME_LENGTH} characters")


def _set(session: Session, person_id: str, **values: Any) -> None:
    session.execute(update(PersonRow).where(PERSON.id == person_id).values(**values))


def _send_reset(session: Session, place: Place, held: Held) -> None:
    token = make_link(session, Link.RESET, held.id, place.now())
    letter = letters.reset(place.settings.admin_url, held.email, token)
    post(session, place.keys, letter, place.now(), lasts(Link.RESET))


def _listed(row: Any, seen: datetime | None) -> Listed:
    return Listed(
        id=row.id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        state=row.state,
        second_factor=row.factor,
        created_at=row.created_at,
        last_seen_at=seen,
    )
