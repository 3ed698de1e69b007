"""Tokens with which a program acts for a person: within scopes, never above the person's role."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import insert, select, update
from sqlmodel import Session

from casper_dash.audit import Actor, record
from casper_dash.auth.errors import NotPossible
from casper_dash.auth.models import API_TOKEN, PERSON, ApiToken
from casper_dash.auth.people import check_name, require
from casper_dash.auth.random import new_id, new_token, token_hash
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person
from crawler.database import changed_rows

PREFIX = "cdash_"
"""So that scanners for leaked secrets can tell one."""
LONGEST = timedelta(days=366)
_MOST = 50
_USED_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token may be used for."""

    READ = "read"
    CURATE = "curate"
    ADMINISTER = "administer"

    @property
    def needs(self) -> Role:
        """The role that its owner must have when it is made and whenever it is used."""
        return _NEEDS[self]


_NEEDS = {
    Scope.READ: Role.VIEWER,
    Scope.CURATE: Role.EDITOR,
    Scope.ADMINISTER: Role.ADMINISTRATOR,
}


@dataclass(frozen=True)
class Bearer:
    """Whom a token acts for, and what it may now."""

    id: str
    token_id: str
    token_name: str
    name: str
    role: Role
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        """Whether the token has the scope, and its owner still the role for it."""
        return scope in self.scopes and self.role >= scope.needs

    def actor(self, address: str) -> Actor:
        """The token's owner, for the audit; the token's name stands beside theirs."""
        return Actor(self.id, f"{self.name} (token {self.token_name})"[:100], address)


@dataclass(frozen=True)
class Listed:
    """A token as its owner and administrators see it."""

    id: str
    person_id: str
    name: str
    scopes: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Wanted:
    """What a new token is to be."""

    name: str
    scopes: frozenset[Scope]
    until: datetime


def make_token(session: Session, by: Person, wanted: Wanted, now: datetime) -> str:
    """The token, which nobody can be shown again. Raises NotAllowed or NotPossible."""
    _check(session, by, wanted, now)
    token, token_id = f"{PREFIX}{new_token()}", new_id()
    row = {
        "token_hash": token_hash(token),
        "id": token_id,
        "person_id": by.id,
        "name": wanted.name,
        "scopes": " ".join(sorted(wanted.scopes)),
        "created_at": now,
        "expires_at": wanted.until,
    }
    session.execute(insert(ApiToken).values(**row))
    after = {"name": row["name"], "scopes": row["scopes"], "expires_at": wanted.until}
    record(session, by.actor, "token.make", f"token {token_id}", after=after)
    return token


def bearer_of(session: Session, authorization: str, now: datetime) -> Bearer | None:
    """Whose token an `Authorization` header holds; None for none that is good.

    Reads two primary keys; writes when it was used, at most once a minute.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.startswith(PREFIX):
        return None
    names = ("id", "name", "scopes", "last_used_at")
    question = (
        select(
            *(API_TOKEN[name].label(f"token_{name}") for name in names),
            *(PERSON[name] for name in ("id", "name", "role")),
        )
        .join_from(API_TOKEN.id.table, PERSON.id.table, PERSON.id == API_TOKEN.person_id)
        .where(
            API_TOKEN.token_hash == token_hash(token),
            API_TOKEN.revoked_at.is_(None),
            API_TOKEN.expires_at > now,
            PERSON.state == "active",
        )
    )
    row = session.execute(question).first()
    if row is None:
        return None
    if row.token_last_used_at is None or now - row.token_last_used_at >= _USED_EVERY:
        used = update(ApiToken).where(API_TOKEN.token_hash == token_hash(token))
        session.execute(used.values(last_used_at=now))
    scopes = frozenset(map(Scope, row.token_scopes.split()))
    return Bearer(row.id, row.token_id, row.token_name, row.name, Role(row.role), scopes)


def tokens_of(session: Session, person_id: str) -> list[Listed]:
    """Newest first, revoked and expired ones too. Reads ix_api_token_person."""
    question = select(*(API_TOKEN[name] for name in Listed.__dataclass_fields__))
    own = question.where(API_TOKEN.person_id == person_id)
    rows = session.execute(own.order_by(API_TOKEN.created_at.desc(), API_TOKEN.id))
    return [Listed(**row._mapping) for row in rows]


def revoke_token(session: Session, by: Person, token_id: str, now: datetime) -> None:
    """One's own, or anybody's by an administrator. Raises NotPossible."""
    question = select(API_TOKEN.person_id, API_TOKEN.name).where(API_TOKEN.id == token_id)
    row = session.execute(question).first()
    if row is None:
        raise NotPossible("there is no such token")
    if row.person_id != by.id:
        require(by, Role.ADMINISTRATOR)
    live = (API_TOKEN.id == token_id, API_TOKEN.revoked_at.is_(None))
    if changed_rows(session, update(ApiToken).where(*live).values(revoked_at=now)):
        what = {"name": row.name, "owner": row.person_id}
        record(session, by.actor, "token.revoke", f"token {token_id}", before=what)


def _check(session: Session, by: Person, wanted: Wanted, now: datetime) -> None:
    if not wanted.scopes:
        raise NotPossible("a token has one scope at least")
    for scope in wanted.scopes:
        require(by, scope.needs)
    check_name(wanted.name)
    if not now < wanted.until <= now + LONGEST:
        raise NotPossible("a token expires within a year")
    if sum(_is_live(each, now) for each in tokens_of(session, by.id)) >= _MOST:
        raise NotPossible(f"a person has at most {_MOST} tokens")


def _is_live(token: Listed, now: datetime) -> bool:
    return token.revoked_at is None and token.expires_at > now
