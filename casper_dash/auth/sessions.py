"""Sessions: who is signed in, for how long, and from where.

The cookie holds 256 random bits, the database their hash. A person's role and state are read at
every question, so that one who was dismissed is out at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, Select, delete, insert, select, update
from sqlmodel import Session

from casper_dash.audit import Actor
from casper_dash.auth.cookies import COOKIE, cookie_name, read_cookie
from casper_dash.auth.models import PERSON, SESSION
from casper_dash.auth.models import Session as SessionRow
from casper_dash.auth.random import new_id, new_token, token_hash
from casper_dash.auth.roles import Role
from crawler.database import changed_rows, read_session, transact

__all__ = ["COOKIE", "IDLE", "LONGEST", "Client", "Person", "cookie_name", "signed_in", "who"]

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
"""Both as NIST SP 800-63B asks for AAL2, to which ASVS 7.1.1 refers."""
_SEEN_EVERY = timedelta(minutes=1)
_TOKEN_LENGTH = 43
_DEVICE_LENGTH = 200


@dataclass(frozen=True)
class Client:
    """Where a request comes from: an IP address, and what its browser calls itself."""

    address: str
    device: str


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, as the database has them now."""

    id: str
    email: str
    name: str
    role: Role
    session_id: str
    address: str
    """Where the session began."""
    signed_in_at: datetime
    last_seen_at: datetime

    @property
    def actor(self) -> Actor:
        """This person, for the audit."""
        return Actor(self.id, self.name, self.address)


@dataclass(frozen=True)
class Listed:
    """A session as its owner and administrators see it."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str
    device: str


def who(engine: Engine, cookie_header: str, now: datetime, *, active: bool = True) -> Person | None:
    """Who asks, None for nobody; puts the session's idle end off, at most once a minute.

    `active=False` is for what a page asks by itself: it must not keep a session alive.
    """
    with read_session(engine) as session:
        person = signed_in(session, cookie_header, now)
    if person is not None and active and now - person.last_seen_at >= _SEEN_EVERY:
        transact(engine, lambda session: _seen(session, person.session_id, now))
    return person


def signed_in(session: Session, cookie_header_or_token: str, now: datetime) -> Person | None:
    """Whose session this is; None where it is none, has ended, or its person may not sign in.

    Takes a `Cookie` header, or a bare token. Reads two primary keys and writes nothing: `who` also
    keeps the session alive.
    """
    given = _given(cookie_header_or_token)
    if given is None:
        return None
    token, over_tls = given
    row = session.execute(_question(token)).first()
    if row is None or now >= row.expires_at or now - row.last_seen_at >= IDLE:
        return None
    # a token that came over plain HTTP may have been put there by another
    if over_tls is not None and over_tls != row.over_tls:
        return None
    return _person(row)


def begin(
    session: Session, person_id: str, client: Client, now: datetime, *, over_tls: bool
) -> str:
    """The token of a new session."""
    row = {
        "person_id": person_id,
        "over_tls": over_tls,
        "created_at": now,
        "expires_at": now + LONGEST,
    }
    return _insert(session, row, client, now)


def rotate(session: Session, person: Person, client: Client, now: datetime) -> str:
    """The token of a session in the place of this one, which ends now, and no later than it.

    Raises LookupError where it has ended already.
    """
    kept = ("person_id", "over_tls", "created_at", "expires_at")
    question = select(*(SESSION[name] for name in kept)).where(SESSION.id == person.session_id)
    row = session.execute(question.with_for_update()).first()
    if row is None or not end(session, person.id, person.session_id):
        raise LookupError("the session has ended")
    return _insert(session, {**row._mapping, "rotated_from": person.session_id}, client, now)


def end(session: Session, person_id: str, session_id: str) -> bool:
    """Ends one session of the person; whether there was one."""
    own = (SESSION.person_id == person_id, SESSION.id == session_id)
    return changed_rows(session, delete(SessionRow).where(*own)) > 0


def end_all(session: Session, person_id: str, *, but: str = "") -> int:
    """Ends every session of the person, but the one of that id; how many there were."""
    others = (SESSION.person_id == person_id, SESSION.id != but)
    return changed_rows(session, delete(SessionRow).where(*others))


def end_stale(session: Session, now: datetime) -> int:
    """Deletes what has ended by itself; how many there were. Reads all: they are few."""
    over = (SESSION.expires_at <= now) | (SESSION.last_seen_at <= now - IDLE)
    return changed_rows(session, delete(SessionRow).where(over))


def sessions_of(session: Session, person_id: str, now: datetime) -> list[Listed]:
    """Those that have not ended, the last seen first. Reads ix_session_person."""
    live = (
        SESSION.person_id == person_id,
        SESSION.expires_at > now,
        SESSION.last_seen_at > now - IDLE,
    )
    names = ("id", "created_at", "last_seen_at", "expires_at", "address", "device")
    question = select(*(SESSION[name] for name in names)).where(*live)
    rows = session.execute(question.order_by(SESSION.last_seen_at.desc()))
    return [Listed(**row._mapping) for row in rows]


def _given(text: str) -> tuple[str, bool | None] | None:
    """The token, and whether its cookie is the one of TLS; None for that of a bare token."""
    if not isinstance(text, str):
        return None
    if len(text) == _TOKEN_LENGTH and "=" not in text:
        return text, None
    return read_cookie(text, COOKIE)


def _question(token: str) -> Select[Any]:
    columns = (
        *(PERSON[name] for name in ("email", "name", "role")),
        PERSON.id.label("person_id"),
        *(SESSION[name] for name in ("id", "address", "created_at", "last_seen_at")),
        SESSION.expires_at,
        SESSION.over_tls,
    )
    return (
        select(*columns)
        .join_from(SESSION.id.table, PERSON.id.table, PERSON.id == SESSION.person_id)
        .where(SESSION.token_hash == token_hash(token), PERSON.state == "active")
    )


def _person(row: Row[Any]) -> Person:
    return Person(
        id=row.person_id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        session_id=row.id,
        address=row.address,
        signed_in_at=row.created_at,
        last_seen_at=row.last_seen_at,
    )


def _seen(session: Session, session_id: str, now: datetime) -> None:
    later = (SESSION.id == session_id, SESSION.last_seen_at < now)
    session.execute(update(SessionRow).where(*later).values(last_seen_at=now))


def _insert(session: Session, row: dict[str, Any], client: Client, now: datetime) -> str:
    token = new_token()
    own = {
        "token_hash": token_hash(token),
        "id": new_id(),
        "last_seen_at": now,
        "address": client.address,
        "device": client.device[:_DEVICE_LENGTH],
    }
    session.execute(insert(SessionRow).values(**row, **own))
    return token
