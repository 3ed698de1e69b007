"""The first administrator: by a command on the server, or by ADMIN_EMAIL at the first start."""

from datetime import datetime

import structlog
from sqlalchemy import delete, insert, select, update
from sqlmodel import Session

from casper_dash.audit import SYSTEM, record
from casper_dash.auth import sessions
from casper_dash.auth.errors import NotPossible, WeakPassword
from casper_dash.auth.links import Link, link_url, make_link
from casper_dash.auth.lookup import by_email
from casper_dash.auth.models import PASSKEY, PERSON, RECOVERY_CODE, Passkey, Person, RecoveryCode
from casper_dash.auth.passwords import check_password, hash_password
from casper_dash.auth.place import Place
from casper_dash.auth.random import new_id
from casper_dash.auth.roles import Role
from casper_dash.mail_address import address_key, is_mail_address
from crawler.database import transact
from crawler.settings import SettingsError

log = structlog.get_logger(__name__)


def create_administrator(place: Place, email: str, *, again: bool = False) -> str:
    """The address of a one-time activation link for an administrator.

    `again` lets an administrator who lost everything begin anew: old password, second factor and
    sessions are gone. Raises NotPossible.
    """
    if not is_mail_address(email):
        raise NotPossible(f"{email!r} is no mail address like name@example.org")
    now = place.now()
    token = transact(place.engine, lambda session: _create(session, email, now, again=again))
    return link_url(place.settings.admin_url, Link.ACTIVATION, token)


def first_start(place: Place) -> None:
    """Makes the administrator of ADMIN_EMAIL where there are no people yet.

    Raises SettingsError where ADMIN_PASSWORD is too weak for production. Without a password the
    link stands in the log.
    """
    settings = place.settings
    if not settings.admin_email or transact(place.engine, _anybody):
        return
    if not settings.admin_password:
        link = create_administrator(place, settings.admin_email)
        # who reads this server's log can start it with any settings, too
        log.warning("open this to become the first administrator", link=link)
        return
    _check_given(settings.admin_password, settings.admin_email, settings.environment)
    held = hash_password(settings.admin_password)
    now = place.now()

    def make(session: Session) -> None:
        if not _anybody(session):
            _insert(session, settings.admin_email, now, password_hash=held)

    transact(place.engine, make)


def _check_given(password: str, email: str, environment: str) -> None:
    try:
        check_password(password, of=(email,))
    except WeakPassword as error:
        if environment == "production":
            raise SettingsError(f"ADMIN_PASSWORD: {error}") from error
        log.warning("ADMIN_PASSWORD is weak, production would refuse it", reason=str(error))


def _create(session: Session, email: str, now: datetime, *, again: bool) -> str:
    held = by_email(session, email)
    if held is None:
        person_id = _insert(session, email, now, password_hash=None)
        return make_link(session, Link.ACTIVATION, person_id, now)
    if held.state == "active" and not again:
        raise NotPossible(f"{held.email} is active already; --again lets them begin anew")
    _begin_anew(session, held.id)
    record(session, SYSTEM, "person.begin_anew", f"person {held.id}", before={"role": held.role})
    return make_link(session, Link.ACTIVATION, held.id, now)


def _begin_anew(session: Session, person_id: str) -> None:
    fresh = {
        "role": Role.ADMINISTRATOR,
        "state": "invited",
        "password_hash": None,
        "totp_secret": None,
    }
    session.execute(update(Person).where(PERSON.id == person_id).values(**fresh))
    session.execute(delete(RecoveryCode).where(RECOVERY_CODE.person_id == person_id))
    session.execute(delete(Passkey).where(PASSKEY.person_id == person_id))
    sessions.end_all(session, person_id)


def _insert(session: Session, email: str, now: datetime, *, password_hash: str | None) -> str:
    person_id = new_id()
    row = {
        "id": person_id,
        "email": email,
        "email_key": address_key(email),
        "name": email.partition("@")[0],
        "role": Role.ADMINISTRATOR,
        "state": "active" if password_hash else "invited",
        "password_hash": password_hash,
        "created_at": now,
    }
    session.execute(insert(Person).values(**row))
    after = {"email": email, "role": Role.ADMINISTRATOR}
    record(session, SYSTEM, "person.create", f"person {person_id}", after=after)
    return person_id


def _anybody(session: Session) -> bool:
    return session.execute(select(PERSON.id).limit(1)).first() is not None
