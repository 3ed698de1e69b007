"""Invitations by mail: good for a day, sent again or withdrawn by administrators."""

from dataclasses import dataclass

from sqlalchemy import delete, insert
from sqlmodel import Session

from casper_dash.audit import record
from casper_dash.auth import letters
from casper_dash.auth.errors import NotPossible
from casper_dash.auth.links import Link, cancel_links, lasts, make_link
from casper_dash.auth.lookup import by_email
from casper_dash.auth.models import PERSON
from casper_dash.auth.models import Person as PersonRow
from casper_dash.auth.people import administered, check_name, must_be, require
from casper_dash.auth.place import Place
from casper_dash.auth.random import new_id
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person
from casper_dash.mail.outbox import post
from casper_dash.mail_address import address_key, is_mail_address


@dataclass(frozen=True)
class Invitation:
    """Who is to come, and as what."""

    email: str
    name: str
    role: Role


def invite(session: Session, place: Place, by: Person, invitation: Invitation) -> str:
    """The id of a new person, who gets a letter with a link that is good for a day.

    Raises NotAllowed or NotPossible, as all here do.
    """
    require(by, Role.ADMINISTRATOR)
    email, name, role = invitation.email, invitation.name, invitation.role
    if not is_mail_address(email):
        raise NotPossible(f"{email!r} is no mail address like name@example.org")
    check_name(name)
    if by_email(session, email) is not None:
        raise NotPossible(f"{email} was invited already, or is a person here")
    person_id = new_id()
    row = {
        "id": person_id,
        "email": email,
        "email_key": address_key(email),
        "name": name,
        "role": role,
        "state": "invited",
        "created_at": place.now(),
    }
    session.execute(insert(PersonRow).values(**row))
    after = {"email": email, "name": name, "role": role}
    record(session, by.actor, "person.invite", f"person {person_id}", after=after)
    _send(session, place, by, person_id, invitation)
    return person_id


def resend(session: Session, place: Place, by: Person, person_id: str) -> None:
    """A new link; the one before is good no more."""
    held = administered(session, by, person_id)
    must_be(held, "invited")
    record(session, by.actor, "person.invite_again", f"person {held.id}")
    _send(session, place, by, held.id, Invitation(held.email, held.name, held.role))


def cancel(session: Session, by: Person, person_id: str, reason: str) -> None:
    """Withdraws an invitation; the person is gone, their link is good no more."""
    held = administered(session, by, person_id)
    must_be(held, "invited")
    cancel_links(session, held.id)
    session.execute(delete(PersonRow).where(PERSON.id == held.id))
    before = {"email": held.email, "role": held.role}
    record(session, by.actor, "person.cancel", f"person {held.id}", before=before, reason=reason)


def _send(
    session: Session, place: Place, by: Person, person_id: str, invitation: Invitation
) -> None:
    token = make_link(session, Link.INVITATION, person_id, place.now())
    admin_url = place.settings.admin_url
    letter = letters.invitation(admin_url, invitation.email, by.name, invitation.role, token)
    post(session, place.keys, letter, place.now(), lasts(Link.INVITATION))
