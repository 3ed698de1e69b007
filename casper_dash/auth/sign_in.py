"""Signing in: e-mail, password and a code in one step, so that no answer tells which was wrong."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import update
from sqlmodel import Session

from casper_dash.audit import Actor, record
from casper_dash.auth import recovery, sessions, throttle, totp
from casper_dash.auth.client import network_of
from casper_dash.auth.devices import account_subject, new_device
from casper_dash.auth.enrolment import SEAL, Enrolment, begin_enrolment, take_enrolment
from casper_dash.auth.errors import Refused, Wait
from casper_dash.auth.lookup import Held, by_email, locked
from casper_dash.auth.models import PERSON, Person
from casper_dash.auth.passwords import verify_password
from casper_dash.auth.place import Place
from casper_dash.auth.sessions import Client
from casper_dash.auth.throttle import Subject
from casper_dash.keys import Keys
from crawler.database import read_session, transact

log = structlog.get_logger(__name__)

_ADDRESS_FREE = 20
"""Failures of an address without a wait: a whole office can be behind one."""


@dataclass(frozen=True)
class Credentials:
    """What somebody typed; `code` is of the app or a recovery code, `device` the cookie's value."""

    email: str
    password: str
    code: str
    device: str | None = None


@dataclass(frozen=True)
class SignedIn:
    """The cookies' values of a new session, and recovery codes where they are to be shown."""

    token: str
    device: str
    recovery_codes: tuple[str, ...] = ()


def sign_in(place: Place, given: Credentials, client: Client) -> SignedIn | Enrolment:
    """A session; or an enrolment, where the person has no second factor yet.

    Raises Refused, whatever is wrong, and Wait after too many failures.
    """
    account = account_subject(place.keys, given.email, given.device)
    count_attempt(place, account, client)
    with read_session(place.engine) as session:
        held = by_email(session, given.email)
    usable = held if held is not None and held.state == "active" else None
    right, better = verify_password(given.password, usable.password_hash if usable else None)
    if usable is None or not right:
        log.warning("sign-in refused", address=client.address, person=held.id if held else None)
        raise Refused
    if usable.totp_secret is None:
        return transact(place.engine, lambda session: _enrol(session, place, usable))
    taken = transact(
        place.engine, lambda session: _take(session, place, usable, given.code, better, client)
    )
    if taken is None:
        log.warning("sign-in refused", address=client.address, person=usable.id)
        raise Refused
    forgive_attempt(place, account, client)
    return taken


def finish_enrolment(place: Place, token: str, code: str, client: Client) -> SignedIn:
    """A session with the new second factor's recovery codes. Raises Refused, or Wait."""
    attempt = Subject("enrolment", token)
    count_attempt(place, attempt, client)
    now = place.now()

    def finish(session: Session) -> SignedIn:
        person_id, codes = take_enrolment(session, place.keys, token, code, now)
        held = locked(session, person_id)
        if held is None or held.state != "active":
            raise Refused
        actor = Actor(held.id, held.name, client.address)
        record(session, actor, "second_factor.enrol", f"person {held.id}")
        sessions.end_all(session, held.id)
        return open_session(session, place, held, client, codes=tuple(codes))

    done = transact(place.engine, finish)
    forgive_attempt(place, attempt, client)
    return done


def count_attempt(place: Place, subject: Subject, client: Client) -> None:
    """Counts an attempt before it is looked at. Raises Wait."""
    brake(place, [subject, _of_address(client)])


def brake(place: Place, subjects: list[Subject]) -> None:
    """Counts one of each of these. Raises Wait, and counts none, where one must wait."""
    wait = transact(place.engine, lambda session: throttle.take(session, subjects, place.now()))
    if wait is not None:
        raise Wait(wait)


def forgive_attempt(place: Place, subject: Subject, client: Client) -> None:
    """What was counted last was no failure, and the subject's others are forgotten."""

    def forget(session: Session) -> None:
        throttle.forgive(session, subject)
        # not all of the address's failures: else one own account would free a guesser of others
        throttle.give_back(session, _of_address(client))

    transact(place.engine, forget)


def second_factor_is_right(
    session: Session, keys: Keys, held: Held, code: str, now: datetime
) -> bool:
    """Whether the code is of the app or a recovery code, unused; it is used now."""
    if held.totp_secret is not None:
        secret = keys.unseal(SEAL, held.totp_secret)
        step = totp.matching_step(secret, code.replace(" ", ""), now)
        if step is not None:
            return totp.use_step(session, held.id, step)
    return recovery.use_code(session, keys, held.id, code, now)


def open_session(
    session: Session, place: Place, held: Held, client: Client, *, codes: tuple[str, ...] = ()
) -> SignedIn:
    """A new session, told to the audit: nothing of one before goes on."""
    token = sessions.begin(session, held.id, client, place.now(), over_tls=place.settings.over_tls)
    actor = Actor(held.id, held.name, client.address)
    record(session, actor, "session.begin", f"person {held.id}", after={"device": client.device})
    return SignedIn(token, new_device(place.keys, held.email), codes)


def _enrol(session: Session, place: Place, held: Held) -> Enrolment:
    return begin_enrolment(session, place.keys, held.id, held.email, place.now())


def _take(  # noqa: PLR0913 (what was typed, and where)
    session: Session, place: Place, seen: Held, code: str, better: str | None, client: Client
) -> SignedIn | None:
    held = locked(session, seen.id)
    # the password was verified outside of this transaction
    unchanged = held is not None and (held.state, held.password_hash) == (
        "active",
        seen.password_hash,
    )
    if held is None or not unchanged:
        return None
    if not second_factor_is_right(session, place.keys, held, code, place.now()):
        return None
    if better is not None:
        change = update(Person).where(PERSON.id == held.id)
        session.execute(change.values(password_hash=better))
    return open_session(session, place, held, client)


def _of_address(client: Client) -> Subject:
    return Subject("address", network_of(client.address), _ADDRESS_FREE)
