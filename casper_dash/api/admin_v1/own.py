"""/me, /sessions and /tokens: the caller, and what they, or others, are signed in with."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta
from sqlmodel import Session

from casper_dash.api.admin_v1.action import Action, Answer, Doing, in_transaction
from casper_dash.api.admin_v1.caller import CALLER, Caller, Need
from casper_dash.api.admin_v1.kinds import ID
from casper_dash.api.admin_v1.reading import CACHE, PREFIX, Reading
from casper_dash.api.kinds import TEXT, TIME, Field, choice
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.auth.bodies import Name, Nothing, Strict
from casper_dash.auth.people import end_session, require
from casper_dash.auth.place import Place
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import sessions_of
from casper_dash.auth.tokens import Scope, Wanted, make_token, revoke_token, tokens_of
from casper_dash.queries.paging import Page, page_of

_OWN = Need(Role.VIEWER, Scope.ADMINISTER)
_BY_HAND = Need(Role.VIEWER, Scope.ADMINISTER, session_only=True)


@dataclass(frozen=True)
class _Of:
    """Whose: the caller's own, or somebody else's."""

    person: str = ""
    caller: Caller = field(default_factory=CALLER.get)

    def person_id(self) -> str:
        """Raises NotAllowed where it is somebody else's and the caller no administrator."""
        own = self.caller.person
        if self.person and self.person != own.id:
            require(own, Role.ADMINISTRATOR)
        return self.person or own.id


@dataclass(frozen=True)
class _Me:
    caller: Caller = field(default_factory=CALLER.get)


def _me(_session: Session, wanted: _Me, _now: datetime) -> Found:
    person, scopes = wanted.caller.person, wanted.caller.scopes
    row: dict[str, Any] = {"id": person.id, "name": person.name, "role": person.role}
    return Found(row | {"scopes": " ".join(sorted(scopes)) if scopes else None}, CACHE)


_WHOSE = Parameter("person", ID, "Of whom; an administrator may ask for anybody's.")

ME = Resource(
    name="caller",
    path=f"{PREFIX}/me",
    description="Who asks, and what they may.",
    fields=(
        Field("id", ID, "Their id."),
        Field("name", TEXT, "As the audit names them."),
        Field("role", choice(*Role), "Their role now; of a token, what its scopes allow of it."),
        Field("scopes", TEXT, "The token's, a blank between; null: a session.", nullable=True),
    ),
    item=Item(summary="The caller", find=_me, wanted=_Me),
)
_MADE = (
    Field("id", ID, "Its id; it opens nothing."),
    Field("created_at", TIME, "When it was made."),
    Field("expires_at", TIME, "When it ends by itself."),
)


def readings(place: Place) -> tuple[Reading, ...]:
    """What is read of sessions and tokens."""

    def sessions(session: Session, wanted: _Of, page: Page) -> Rows:
        live = sessions_of(session, wanted.person_id(), place.now())
        return Rows(page_of([asdict(each) for each in live], ("id",), page))

    def tokens(session: Session, wanted: _Of, page: Page) -> Rows:
        made = tokens_of(session, wanted.person_id())
        return Rows(page_of([asdict(each) for each in made], ("created_at", "id"), page))

    of_sessions = Resource(
        name="session",
        path=f"{PREFIX}/sessions",
        description="Where somebody is signed in to the panel.",
        fields=(
            *_MADE,
            Field("last_seen_at", TIME, "When it was used last."),
            Field("address", TEXT, "The address that it began at."),
            Field("device", TEXT, "What the browser calls itself."),
        ),
        listing=Listing(
            summary="Somebody's sessions by id, one's own by default",
            parameters=(_WHOSE,),
            filter=_Of,
            select=sessions,
            key=("id",),
        ),
    )
    of_tokens = Resource(
        name="token",
        path=f"{PREFIX}/tokens",
        description="A token with which programs act for somebody.",
        fields=(
            *_MADE,
            Field("person_id", ID, "Whom it acts for."),
            Field("name", TEXT, "What it was called."),
            Field("scopes", TEXT, "What it may be used for, a blank between."),
            Field("last_used_at", TIME, "When, to the minute.", nullable=True),
            Field("revoked_at", TIME, "When it was revoked.", nullable=True),
        ),
        listing=Listing(
            summary="Somebody's tokens by age, one's own by default",
            parameters=(_WHOSE,),
            filter=_Of,
            select=tokens,
            key=("created_at", "id"),
        ),
    )
    return Reading(ME), Reading(of_sessions), Reading(of_tokens)


class MakeToken(Strict):
    """What it is called, what it may be used for, and until when."""

    name: Name
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=len(Scope))]
    until: Annotated[datetime, Meta(tz=True)]


def _make(session: Session, doing: Doing, body: MakeToken) -> Answer:
    wanted = Wanted(body.name, frozenset(body.scopes), body.until)
    return {"token": make_token(session, doing.person, wanted, doing.now)}


def _revoke(session: Session, doing: Doing, _body: Nothing) -> Answer:
    revoke_token(session, doing.person, doing.path["token"], doing.now)
    return {"id": doing.path["token"]}


class EndSession(Strict):
    """Whose session it is."""

    person: Annotated[str, Meta(min_length=1, max_length=32)]


def _end(session: Session, doing: Doing, body: EndSession) -> Answer:
    end_session(session, doing.person, body.person, doing.path["session"])
    return {"id": doing.path["session"]}


ACTIONS = (
    Action(
        name="make_token",
        path=f"{PREFIX}/tokens/make",
        summary="Makes a token, which is shown this once",
        body=MakeToken,
        run=in_transaction(_make),
        # a token that could make tokens would outlive its own end
        need=_BY_HAND,
    ),
    Action(
        name="revoke_token",
        path=f"{PREFIX}/tokens/{{token}}/revoke",
        summary="Ends a token: one's own, or anybody's by an administrator",
        body=Nothing,
        run=in_transaction(_revoke),
        need=_OWN,
        within=(Parameter("token", ID, "The token's id."),),
    ),
    Action(
        name="end_session",
        path=f"{PREFIX}/sessions/{{session}}/end",
        summary="Ends a session: one's own, or anybody's by an administrator",
        body=EndSession,
        run=in_transaction(_end),
        need=_OWN,
        within=(Parameter("session", ID, "The session's id."),),
    ),
)
