"""People with a real password and second factor, for stories that sign in."""

import secrets
from datetime import UTC, datetime

import pyotp
from sqlalchemy import insert, select
from sqlmodel import Session

from casper_dash.auth.enrolment import SEAL
from casper_dash.auth.models import PERSON, Person
from casper_dash.auth.passwords import hash_password
from casper_dash.auth.recovery import make_codes
from casper_dash.auth.sessions import Client, begin
from casper_dash.keys import Keys
from crawler.database import transact
from tests.e2e.panel_server import PanelServer

PASSWORD = "correct horse battery, twice"


def person_with_password(panel: PanelServer, email: str) -> str:
    """A recovery code of a new viewer, whose password is PASSWORD; the app's secret is lost."""
    keys = Keys(panel.settings["SECRET_KEY"])
    row = {
        "id": secrets.token_urlsafe(16),
        "email": email,
        "email_key": email,
        "name": email.partition("@")[0].capitalize(),
        "role": "viewer",
        "state": "active",
        "created_at": datetime.now(UTC),
        "password_hash": hash_password(PASSWORD),
        "totp_secret": keys.seal(SEAL, pyotp.random_base32()),
    }

    def make(session: Session) -> str:
        session.execute(insert(Person).values(row))
        return make_codes(session, keys, row["id"])[0]

    return transact(panel.engine, make)


def session_of(panel: PanelServer, email: str) -> str:
    """The token of a new session of theirs."""
    client, now = Client("127.0.0.1", "test"), datetime.now(UTC)

    def make(session: Session) -> str:
        person_id = session.execute(select(PERSON.id).where(PERSON.email == email)).scalar_one()
        return begin(session, person_id, client, now, over_tls=False)

    return transact(panel.engine, make)
