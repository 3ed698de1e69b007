"""The admin's JSON API as an ASGI application, beside the public one in the same server."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import anyio
import orjson
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from casper_dash.api.admin_v1.action import Action, Doing, read_body, read_path
from casper_dash.api.admin_v1.caller import CALLER, Caller, Need, caller_of
from casper_dash.api.admin_v1.declared import actions, readings
from casper_dash.api.admin_v1.document import document
from casper_dash.api.admin_v1.failures import as_problems
from casper_dash.api.admin_v1.private import Private
from casper_dash.api.admin_v1.reading import ANYBODY, PREFIX, Reading
from casper_dash.api.database import Database
from casper_dash.api.forms import JSON
from casper_dash.api.item import item_endpoint
from casper_dash.api.limits import LimitUrls
from casper_dash.api.listing import Endpoint, listing_endpoint
from casper_dash.api.problems import (
    Problem,
    answer_bug,
    answer_http_exception,
    answer_problem,
)
from casper_dash.api.quota import Quota
from casper_dash.auth.place import Place
from crawler.network import Network

DOCUMENT = f"{PREFIX}/openapi.json"
_AT_ONCE = 4
"""Requests whose database work goes on at a time."""
_QUERY_TIME = timedelta(seconds=10)
"""Of one question; curators' filters may take longer than a public page's."""
# Starlette types each handler as one for any Exception
_EXCEPTION_HANDLERS: Mapping[Any, Any] = {
    Problem: answer_problem,
    HTTPException: answer_http_exception,
    Exception: answer_bug,
}


def create_admin_api(place: Place, network: Network, jobs: Sequence[str]) -> Starlette:
    """The application with its whole paths; `jobs` are the names that may be ordered."""
    gate = _Gate(place, network)
    database = Database(place.engine, query_time_s=_QUERY_TIME.total_seconds())
    declared = readings(place, network, jobs)
    done = actions(jobs)
    described = orjson.dumps(document(declared, done))
    routes = [
        Route(DOCUMENT, gate.reading(ANYBODY, _fixed(described))),
        *(route for each in declared for route in _reading_routes(gate, each, database)),
        *(Route(each.path, gate.action(each), methods=["POST"]) for each in done),
    ]
    # outermost first: what nobody may ask further is refused before anything is read
    quota = Middleware(
        Quota,
        prefix=f"{PREFIX}/",
        a_minute=place.settings.api_requests_a_minute,
        trusted=place.settings.trusted_proxies,
        now=lambda: place.now().timestamp(),
    )
    app = Starlette(
        routes=routes,
        exception_handlers=_EXCEPTION_HANDLERS,
        middleware=[Middleware(Private), quota, Middleware(LimitUrls)],
    )
    app.router.redirect_slashes = False
    return app


def below(admin: ASGIApp, app: ASGIApp) -> ASGIApp:
    """`app`, with the admin's API in front of it."""

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        is_admin = scope["type"] == "http" and scope["path"].startswith(f"{PREFIX}/")
        await (admin if is_admin else app)(scope, receive, send)

    return both


class _Gate:
    """Makes endpoints that let nobody by who may not."""

    def __init__(self, place: Place, network: Network) -> None:
        self._place = place
        self._network = network
        self.now = place.now
        self._threads = anyio.CapacityLimiter(_AT_ONCE)

    def reading(self, need: Need, read: Endpoint) -> Endpoint:
        """`read`, for those who may."""

        async def answer(request: Request) -> Response:
            CALLER.set(await self._admit(request, need))
            with as_problems():
                return await read(request)

        return answer

    def action(self, action: Action) -> Endpoint:
        """What answers POST on an action's path."""

        async def answer(request: Request) -> Response:
            caller = await self._admit(request, action.need)
            path = read_path(action, request)
            body = await read_body(request, action)
            doing = Doing(self._place, self._network, caller, self._place.now(), path)
            with as_problems():
                work = partial(action.run, doing, body)
                done = await run_sync(work, limiter=self._threads)
            return Response(orjson.dumps(done), action.status, media_type=JSON)

        return answer

    async def _admit(self, request: Request, need: Need) -> Caller:
        with as_problems():
            ask = partial(caller_of, self._place, request)
            caller = await run_sync(ask, limiter=self._threads)
        caller.check(need)
        return caller


def _reading_routes(gate: _Gate, reading: Reading, database: Database) -> list[Route]:
    resource, need = reading.resource, reading.need
    routes = []
    if resource.listing is not None:
        listing = listing_endpoint(resource, resource.listing, database)
        routes.append(Route(resource.path, gate.reading(need, listing)))
    if resource.item is not None:
        item = item_endpoint(resource, resource.item, database, gate.now)
        routes.append(Route(resource.item_path, gate.reading(need, item)))
    return routes


def _fixed(body: bytes) -> Endpoint:
    async def answer(_request: Request) -> Response:
        return Response(body, media_type=JSON)

    return answer
