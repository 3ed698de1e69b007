"""Who asks: a program's token, or a session of the panel; what they may is read at each request.

NotKnown     401  no token or session that is good
ForeignPage  403  a page of another origin asks
NotEnough    403  the role is too low, or the token has not the scope
"""

from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial

from starlette.requests import Request

from casper_dash.api.problems import Problem
from casper_dash.api.quota import CLIENT
from casper_dash.auth.origin import is_own_origin
from casper_dash.auth.place import Place
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person, who
from casper_dash.auth.tokens import Bearer, Scope, bearer_of
from crawler.database import transact

_READS = ("GET", "HEAD")


class NotKnown(Problem):
    """Nobody, or no longer."""

    def __init__(self) -> None:
        challenge = {"WWW-Authenticate": "Bearer"}
        super().__init__(401, "give a token that is good, or sign in", headers=challenge)


class ForeignPage(Problem):
    """A page that is not the panel's."""

    def __init__(self) -> None:
        super().__init__(403, "pages of another origin may not ask this")


class NotEnough(Problem):
    """Known, but this is for others."""

    def __init__(self, detail: str) -> None:
        super().__init__(403, detail)


@dataclass(frozen=True)
class Need:
    """What a route asks of its caller: a role of everybody, of a token the scope beside it.

    `session_only`: a person does this with their own hands.
    """

    role: Role
    scope: Scope
    session_only: bool = False

    @property
    def words(self) -> str:
        """For the document."""
        if self.session_only:
            return f"Needs the role {self.role} and a session; no token will do."
        return f"Needs the role {self.role}; of a token, the scope {self.scope}."


@dataclass(frozen=True)
class Caller:
    """`person.role` is what they may now: of a token, no more than its scopes allow.

    `scopes` are a token's; None: a session, which may all that its person may.
    """

    person: Person
    scopes: frozenset[Scope] | None

    def check(self, need: Need) -> None:
        """Raises NotEnough."""
        if self.scopes is not None:
            if need.session_only:
                raise NotEnough("this needs somebody who is signed in, not a token")
            if need.scope not in self.scopes:
                raise NotEnough(f"this needs a token with the scope {need.scope}")
        if self.person.role < need.role:
            raise NotEnough(f"this needs the role {need.role}")


CALLER: ContextVar[Caller] = ContextVar("caller")
"""Of the request that is being answered: for rows that are only somebody's own."""


def caller_of(place: Place, request: Request) -> Caller:
    """Reads the database. A request with `Authorization` is a token's, whatever its cookies.

    Raises NotKnown or ForeignPage.
    """
    if _is_foreign(request, place.settings.admin_origin):
        raise ForeignPage
    address: str = request.scope[CLIENT]
    authorization = request.headers.get("authorization")
    if authorization is not None:
        read = partial(bearer_of, authorization=authorization, now=place.now())
        bearer = transact(place.engine, read)
        if bearer is None:
            raise NotKnown
        return Caller(_person_of(bearer, address, place), bearer.scopes)
    person = who(place.engine, request.headers.get("cookie", ""), place.now())
    if person is None:
        raise NotKnown
    # the browser sends its cookie by itself: a change must prove where it comes from
    if request.method not in _READS and not is_own_origin(request, place.settings.admin_origin):
        raise ForeignPage
    return Caller(replace(person, address=address), None)


def _is_foreign(request: Request, origin: str) -> bool:
    """Whether a browser says that another site's page asks."""
    came_from = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    return came_from not in (None, origin) or site not in (None, "same-origin", "none")


def _person_of(bearer: Bearer, address: str, place: Place) -> Person:
    """The token's owner as functions get people, with the token's name in the audit."""
    allowed = [scope.needs for scope in bearer.scopes if bearer.may(scope)]
    if not allowed:
        raise NotEnough("the role of the token's owner is too low for each of its scopes")
    now = place.now()
    return Person(
        id=bearer.id,
        email="",
        name=bearer.actor(address).name,
        role=max(allowed),
        session_id="",
        address=address,
        signed_in_at=now,
        last_seen_at=now,
    )
