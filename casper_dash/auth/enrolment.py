"""Enrolling a second factor: the server makes the secret, and takes it once a code was shown."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session

from casper_dash.auth import ceremonies, recovery, totp
from casper_dash.auth.ceremonies import Kind
from casper_dash.auth.errors import Refused
from casper_dash.auth.models import PERSON, Person
from casper_dash.keys import Keys

SEAL = "totp"
"""For what purpose the secret is sealed in the person's row."""


@dataclass(frozen=True)
class Enrolment:
    """What the browser shows, and the token with which it sends the code."""

    token: str
    secret: str
    uri: str
    qr: str
    """An SVG of `uri`."""


def begin_enrolment(
    session: Session, keys: Keys, person_id: str, email: str, now: datetime
) -> Enrolment:
    """A new secret for this person; what they have now stays until a code of it comes."""
    secret = totp.new_secret()
    token = ceremonies.begin_ceremony(session, keys, Kind.TOTP, secret, now, person_id)
    uri = totp.uri(secret, email)
    return Enrolment(token, secret, uri, totp.qr_code(uri))


def take_enrolment(
    session: Session, keys: Keys, token: str, code: str, now: datetime
) -> tuple[str, list[str]]:
    """The person's id, and ten recovery codes to show once.

    Raises Refused where the enrolment is over, or the code is wrong: then it may be tried again.
    """
    found = ceremonies.look(session, keys, Kind.TOTP, token, now)
    person_id, secret = found or (None, "")
    if person_id is None:
        raise Refused("this took too long, begin again")
    step = totp.matching_step(secret, code, now)
    if step is None or not ceremonies.finish(session, token):
        raise Refused("the code is wrong; is the clock of your device right?")
    ceremonies.end_ceremonies(session, person_id)
    held = {"totp_secret": keys.seal(SEAL, secret), "totp_step": step}
    session.execute(update(Person).where(PERSON.id == person_id).values(**held))
    return person_id, recovery.make_codes(session, keys, person_id)
