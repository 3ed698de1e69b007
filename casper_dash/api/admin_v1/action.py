"""What is done: one declaration an action; its route, checks and documentation are made from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from sqlmodel import Session
from starlette.requests import Request

from casper_dash.api.admin_v1.caller import Caller, Need
from casper_dash.api.parameters import Parameter, read_value
from casper_dash.api.problems import Problem
from casper_dash.audit import record
from casper_dash.auth.bodies import Strict
from casper_dash.auth.place import Place
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person
from casper_dash.auth.tokens import Scope
from casper_dash.decisions.deed import Deed
from crawler.database import transact
from crawler.network import Network

Line = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Reason = Annotated[str, Meta(min_length=1, max_length=500, description="Why; the audit keeps it.")]
Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Motes = Annotated[str, Meta(pattern=r"^[0-9]{1,38}$")]
Answer = Mapping[str, Any]

EDITORS = Need(Role.EDITOR, Scope.CURATE)


class WithReason(Strict):
    """Why, and nothing else."""

    reason: Reason


@dataclass(frozen=True)
class Doing:
    """An action under way: where, who, and what stands in the path, by name."""

    place: Place
    network: Network
    caller: Caller
    now: datetime
    path: Mapping[str, Any]

    @property
    def person(self) -> Person:
        return self.caller.person

    def deed(self, reason: str) -> Deed:
        """What decisions carry. Raises Refused where the reason does not fit."""
        return Deed(self.person.actor, self.now, reason)

    def note(self, session: Session, action: str, object: str, reason: str = "") -> None:
        """Tells the audit, for what does not tell it by itself."""
        record(session, self.person.actor, action, object[:200], reason=reason)


Run = Callable[[Doing, Any], Answer]


@dataclass(frozen=True)
class Action:
    """`POST path`: `run` gets a `body` of exactly these fields, and answers what JSON holds."""

    name: str
    path: str
    summary: str
    body: type[Strict]
    run: Run
    need: Need = EDITORS
    within: tuple[Parameter, ...] = ()
    status: int = 200
    most_bytes: int = 64 * 1024


def in_transaction(change: Callable[[Session, Doing, Any], Answer]) -> Run:
    """The change in one transaction, with its entry in the audit: both or neither."""

    def run(doing: Doing, body: Any) -> Answer:
        return transact(doing.place.engine, lambda session: change(session, doing, body))

    return run


def read_path(action: Action, request: Request) -> dict[str, Any]:
    """What stands in the path. Raises WrongParameters."""
    return {each.key: read_value(each, request.path_params[each.name]) for each in action.within}


async def read_body(request: Request, action: Action) -> Strict:
    """The body. Raises a Problem 400, 413 or 415 that says what is wrong."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem(415, "the body must be application/json")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > action.most_bytes:
            raise Problem(413, f"the body has at most {action.most_bytes} bytes")
    try:
        return msgspec.json.decode(body, type=action.body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Problem(400, str(error)) from error
