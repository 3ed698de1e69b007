"""What everybody does to their own account: password, reset, second factor, recovery codes."""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session

from casper_dash.audit import Actor, record
from casper_dash.auth import letters, recovery, sessions
from casper_dash.auth.devices import account_subject
from casper_dash.auth.enrolment import Enrolment, begin_enrolment
from casper_dash.auth.errors import Refused
from casper_dash.auth.links import Link, make_link, owner_of, use_link
from casper_dash.auth.lookup import Held, by_email, by_id, locked
from casper_dash.auth.models import PERSON, Person
from casper_dash.auth.passwords import check_password, hash_password, verify_password
from casper_dash.auth.place import Place
from casper_dash.auth.sessions import Client
from casper_dash.auth.sign_in import count_attempt, forgive_attempt, second_factor_is_right
from casper_dash.auth.throttle import Subject
from casper_dash.mail.outbox import post
from crawler.database import read_session, transact

_NOTICE_LASTS = timedelta(days=2)
_NO_LINK = "this link was used, has expired or was withdrawn; ask for a new one"
_CHANGED = "The password of your account was changed. All other sessions have ended."


def change_password(
    place: Place, person: sessions.Person, current: str, new: str, client: Client
) -> str:
    """The token of the session that goes on; all others end. Raises Refused, Wait, WeakPassword."""
    prove(place, person, current, client)
    check_password(new, of=(person.email, person.name))
    hashed = hash_password(new)

    def change(session: Session) -> str:
        _set_password(session, person.id, hashed, place)
        sessions.end_all(session, person.id, but=person.session_id)
        token = sessions.rotate(session, person, client, place.now())
        actor = Actor(person.id, person.name, client.address)
        record(session, actor, "password.change", f"person {person.id}")
        _tell(session, place, person.email, _CHANGED)
        return token

    return transact(place.engine, change)


def ask_for_reset(place: Place, email: str, client: Client) -> None:
    """Writes a letter if the address is of an active person; nobody learns whether it is.

    Raises Wait. Call it after the answer was sent, so that its time tells nothing either.
    """
    count_attempt(place, Subject("reset", email.casefold(), free=3), client)

    def ask(session: Session) -> None:
        held = by_email(session, email)
        if held is None or held.state != "active":
            return
        token = make_link(session, Link.RESET, held.id, place.now())
        letter = letters.reset(place.settings.admin_url, held.email, token)
        post(session, place.keys, letter, place.now(), timedelta(hours=1))
        record(session, _of(held, client), "password.ask_for_reset", f"person {held.id}")

    transact(place.engine, ask)


def reset_password(place: Place, token: str, new: str, client: Client) -> None:
    """Uses the link up; ends all sessions and opens none: the second factor is still asked for.

    Raises Refused, or WeakPassword, which leaves the link good.
    """
    with read_session(place.engine) as session:
        person_id = owner_of(session, (Link.RESET,), token, place.now())
        owner = by_id(session, person_id) if person_id else None
    if owner is None or owner.state != "active":
        raise Refused(_NO_LINK)
    check_password(new, of=(owner.email, owner.name))
    hashed = hash_password(new)

    def change(session: Session) -> None:
        used = use_link(session, (Link.RESET,), token, place.now())
        held = locked(session, used) if used else None
        if held is None or held.state != "active":
            raise Refused(_NO_LINK)
        _set_password(session, held.id, hashed, place)
        sessions.end_all(session, held.id)
        record(session, _of(held, client), "password.reset", f"person {held.id}")
        _tell(session, place, held.email, _CHANGED)

    transact(place.engine, change)
    # the owner has the mailbox: strangers' failures hold them up no longer
    account = account_subject(place.keys, owner.email, None)
    forgive_attempt(place, account, client)


def begin_new_second_factor(
    place: Place, person: sessions.Person, password: str, client: Client
) -> Enrolment:
    """An enrolment that replaces the second factor once it is finished. Raises Refused, Wait."""
    prove(place, person, password, client)
    return transact(
        place.engine,
        lambda session: begin_enrolment(session, place.keys, person.id, person.email, place.now()),
    )


def new_recovery_codes(
    place: Place, person: sessions.Person, code: str, client: Client
) -> list[str]:
    """Ten new codes for one of the app; those before count no more. Raises Refused, Wait."""
    account = Subject("codes", person.id)
    count_attempt(place, account, client)

    def change(session: Session) -> list[str] | None:
        held = locked(session, person.id)
        if held is None or not second_factor_is_right(session, place.keys, held, code, place.now()):
            return None
        record(session, _of(held, client), "recovery_codes.make", f"person {held.id}")
        _tell(session, place, held.email, "New recovery codes were made for your account.")
        return recovery.make_codes(session, place.keys, held.id)

    codes = transact(place.engine, change)
    if codes is None:
        raise Refused("the code is wrong")
    forgive_attempt(place, account, client)
    return codes


def prove(place: Place, person: sessions.Person, password: str, client: Client) -> None:
    """Lets go on who knows the password. Raises Refused or Wait."""
    account = Subject("proof", person.id)
    count_attempt(place, account, client)
    with read_session(place.engine) as session:
        held = by_id(session, person.id)
    right, _better = verify_password(password, held.password_hash if held else None)
    if not right:
        raise Refused("the password is wrong")
    forgive_attempt(place, account, client)


def _set_password(session: Session, person_id: str, hashed: str, place: Place) -> None:
    change = {"password_hash": hashed, "password_at": place.now()}
    session.execute(update(Person).where(PERSON.id == person_id).values(**change))


def _tell(session: Session, place: Place, email: str, what: str) -> None:
    letter = letters.notice(place.settings.admin_url, email, what)
    post(session, place.keys, letter, place.now(), _NOTICE_LASTS)


def _of(held: Held, client: Client) -> Actor:
    return Actor(held.id, held.name, client.address)
