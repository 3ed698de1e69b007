"""v0 as an ASGI application: its paths, and the form that it gives to answers and errors."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from casper_dash.api.caching import NO_STORE, PUBLIC_HEADERS, RELEASE
from casper_dash.api.database import Database
from casper_dash.api.problems import DatabaseAway, TooSlow
from casper_dash.api.v0 import blocks, eras
from casper_dash.api.v0.accounts import account, known_accounts
from casper_dash.api.v0.answers import text_answer
from casper_dash.api.v0.balance import AccountBalance
from casper_dash.api.v0.delegators import delegators
from casper_dash.api.v0.errors import (
    METHODS,
    NoEndpoint,
    V0Error,
    WrongMethod,
    answer_away,
    answer_bug,
    answer_error,
)
from casper_dash.api.v0.nodes import NodeBalances
from casper_dash.api.v0.parameters import Parameters
from casper_dash.api.v0.prices import price, prices
from casper_dash.api.v0.query_string import parse_query
from casper_dash.api.v0.question import Asker, Question
from casper_dash.api.v0.transfers import by_account, by_era_id
from casper_dash.api.v0.validators import validators

_QUESTIONS: Mapping[str, Callable[[Parameters], Question]] = {
    "/block": blocks.block,
    "/block/circulating": blocks.circulating,
    "/block/total": blocks.total,
    "/era": eras.era,
    "/era/circulating": eras.circulating,
    "/era/total": eras.total,
    "/transfersByEraId": by_era_id,
    "/transfersByAccountHash": by_account,
    "/account": account,
    "/knownAccounts": known_accounts,
    "/validators": validators,
    "/price": price,
    "/prices": prices,
    "/delegators": delegators,
}
HEALTH = "/api/v0/health"
"""Where whoever watches over the server asks: it is not counted."""
_BALANCE = "/accountBalance"
_OPENAPI = "/explorer/openapi.json"
_FIXED: Mapping[str, Callable[[], Response]] = {
    "/": lambda: text_answer("Welcome!", RELEASE),
    "/health": lambda: text_answer("I'm fine!", NO_STORE),
    _OPENAPI: lambda: _moved("../../openapi.json"),
}
PATHS = frozenset({*_QUESTIONS, *_FIXED, _BALANCE})
# Starlette types each handler as one for any Exception
_EXCEPTION_HANDLERS: Mapping[Any, Any] = {
    V0Error: answer_error,
    DatabaseAway: answer_away,
    TooSlow: answer_away,
    Exception: answer_bug,
}


def create_v0(
    database: Database, clock: Callable[[], datetime], nodes: NodeBalances | None
) -> ASGIApp:
    """The application, to be mounted. Without `nodes` only stored balances are answered."""
    v0 = _V0(Asker(database, clock), AccountBalance(database, nodes, clock))
    return ExceptionMiddleware(v0, handlers=_EXCEPTION_HANDLERS)


class _V0:
    """Finds what answers a path."""

    def __init__(self, asker: Asker, balance: AccountBalance) -> None:
        self._asker = asker
        self._balance = balance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        response = await self._answer(request, _without_slash(path))
        await response(scope, receive, send)

    async def _answer(self, request: Request, path: str) -> Response:
        if request.method == "OPTIONS":
            return _preflight(request)
        if path not in PATHS:
            raise NoEndpoint(request.method, path)
        if request.method not in ("GET", "HEAD"):
            raise WrongMethod(request.method)
        if path in _FIXED:
            return _FIXED[path]()
        parameters = Parameters(parse_query(request.scope["query_string"]))
        if path == _BALANCE:
            return await self._balance.answer(request, parameters)
        return await self._asker.ask(_QUESTIONS[path](parameters))


def _without_slash(path: str) -> str:
    """One trailing slash is accepted."""
    return path.removesuffix("/") or "/"


def _preflight(request: Request) -> Response:
    """Browsers' question before a cross-origin request, on any path."""
    asked = request.headers.get("access-control-request-headers")
    headers = {
        **PUBLIC_HEADERS,
        "Vary": "Access-Control-Request-Headers",
        "Access-Control-Allow-Methods": METHODS,
        "Content-Length": "0",
    }
    if asked:
        headers["Access-Control-Allow-Headers"] = asked
    return Response(status_code=204, headers=headers)


def _moved(location: str) -> Response:
    headers = {**PUBLIC_HEADERS, "Location": location, "Cache-Control": RELEASE}
    return Response(status_code=302, headers=headers)
