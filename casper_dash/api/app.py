"""The API as an ASGI application: routes, errors and the cache in front, put together."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import anyio
import orjson
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp

from casper_dash.api.answers import Answers
from casper_dash.api.byte_cache import ByteCache
from casper_dash.api.caching import PUBLIC_HEADERS, RELEASE
from casper_dash.api.database import Database
from casper_dash.api.docs import PATH as DOCS_PATH
from casper_dash.api.docs import docs_page
from casper_dash.api.document import document
from casper_dash.api.ending import before_sigterm
from casper_dash.api.forms import JSON
from casper_dash.api.health import healthz, readyz
from casper_dash.api.item import item_endpoint
from casper_dash.api.limits import LimitUrls
from casper_dash.api.listeners import Listeners
from casper_dash.api.listing import Endpoint, listing_endpoint
from casper_dash.api.openapi import PATH as OPENAPI_PATH
from casper_dash.api.operation import Operation
from casper_dash.api.problems import (
    NotFound,
    Problem,
    answer_bug,
    answer_http_exception,
    answer_problem,
)
from casper_dash.api.quota import Quota
from casper_dash.api.resource import Resource
from casper_dash.api.telemetry import CountRequests, Telemetry, metrics_endpoint
from casper_dash.api.v0.app import HEALTH as V0_HEALTH
from casper_dash.api.v0.app import create_v0
from casper_dash.api.v0.nodes import NodeBalances
from casper_dash.api.v1 import resources
from casper_dash.api.v1.events import PATH as EVENTS_PATH
from casper_dash.api.v1.others import other_endpoints
from casper_dash.api.watch import Watch
from crawler.network import Network

_PREFIX = "/api"
_DEFAULTS = Operation()
_METHODS = "GET, HEAD, OPTIONS"
# Starlette types each handler as one for any Exception
_EXCEPTION_HANDLERS: Mapping[Any, Any] = {
    Problem: answer_problem,
    HTTPException: answer_http_exception,
    Exception: answer_bug,
}


def utc_now() -> datetime:
    """The clock of the real world."""
    return datetime.now(UTC)


def create_app(  # noqa: PLR0913 (what a caller may leave out)
    engine: Engine,
    network: Network,
    *,
    front: ASGIApp | None = None,
    public_url: str = "",
    clock: Callable[[], datetime] = utc_now,
    operation: Operation = _DEFAULTS,
    nodes: NodeBalances | None = None,
) -> Starlette:
    """The application. `front` answers every path that is not the API's; the caller owns
    `engine`, whose pool's size is the number of questions asked at a time.

    `public_url` is where the API is reached, empty for wherever it is asked. Its lifespan watches
    the database for what is new. `nodes` are asked for balances by v0, which else answers stored
    ones alone; they are closed with the application.
    """
    database = Database(engine, operation.replicas, query_time_s=operation.query_time_s)
    answers = Answers(max_bytes=operation.cache_bytes, now=lambda: clock().timestamp())
    listeners = Listeners()
    endpoints = _endpoints(resources(network), database, clock)
    endpoints |= other_endpoints(
        database, listeners, clock, published_only=operation.published_only
    )
    telemetry = Telemetry(endpoints, database.places, listeners)
    routes: list[BaseRoute] = [
        Route("/healthz", healthz),
        Route("/metrics", metrics_endpoint(telemetry, operation.metrics_token)),
        Route("/readyz", readyz(database.places)),
        Mount(
            _PREFIX,
            app=_api_router(
                endpoints, document(network, public_url), create_v0(database, clock, nodes)
            ),
        ),
    ]
    if front is not None:
        routes.append(Mount("/", app=front))

    def around(app: ASGIApp) -> ASGIApp:
        # what is held was not too long
        cache = ByteCache(LimitUrls(app), answers=answers, prefix=f"{_PREFIX}/", past={EVENTS_PATH})
        quota = Quota(
            cache,
            prefix=f"{_PREFIX}/",
            free={V0_HEALTH},
            a_minute=operation.requests_a_minute,
            trusted=operation.trusted_proxies,
            now=lambda: clock().timestamp(),
        )
        return CountRequests(quota, telemetry=telemetry)

    app = _Wrapped(
        around,
        routes=routes,
        exception_handlers=_EXCEPTION_HANDLERS,
        lifespan=_watching(Watch(database, answers, listeners), nodes),
    )
    app.router.redirect_slashes = False
    return app


class _Wrapped(Starlette):
    """Starlette inside other layers: what is held is answered without any layer of its own."""

    def __init__(self, around: Callable[[ASGIApp], ASGIApp], **options: Any) -> None:
        super().__init__(**options)
        self._around = around

    def build_middleware_stack(self) -> ASGIApp:
        """Called once, at the first request."""
        return self._around(super().build_middleware_stack())


def _endpoints(
    declared: tuple[Resource, ...], database: Database, clock: Callable[[], datetime]
) -> dict[str, Endpoint]:
    """Path → what answers it."""
    endpoints = {}
    for resource in declared:
        if resource.listing is not None:
            endpoints[resource.path] = listing_endpoint(resource, resource.listing, database)
        if resource.item is not None:
            endpoints[resource.item_path] = item_endpoint(resource, resource.item, database, clock)
    return endpoints


def _api_router(
    endpoints: Mapping[str, Endpoint], described: dict[str, Any], v0: ASGIApp
) -> Router:
    page = docs_page(described).encode()
    routes: list[BaseRoute] = [
        *(Route(path.removeprefix(_PREFIX), answer) for path, answer in endpoints.items()),
        Route(OPENAPI_PATH.removeprefix(_PREFIX), _fixed(orjson.dumps(described), JSON)),
        Route(DOCS_PATH.removeprefix(_PREFIX), _fixed(page, "text/html")),
        Mount("/v0", app=v0),
        Route("/{rest:path}", _elsewhere, methods=["GET", "OPTIONS"]),
    ]
    return Router(routes, redirect_slashes=False)


def _watching(
    watch: Watch, nodes: NodeBalances | None
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        with before_sigterm(watch.listeners.close):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(watch.run)
                yield
                tasks.cancel_scope.cancel()
        if nodes is not None:
            await nodes.close()

    return lifespan


def _fixed(body: bytes, media_type: str) -> Endpoint:
    """An endpoint whose answer changes with a release only."""
    headers = {**PUBLIC_HEADERS, "Cache-Control": RELEASE}

    async def answer(_request: Request) -> Response:
        return Response(body, media_type=media_type, headers=headers)

    return answer


async def _elsewhere(request: Request) -> Response:
    """Browsers' question before a cross-origin request, and paths that do not exist."""
    if request.method != "OPTIONS":
        raise NotFound(f"there is no {request.url.path}: see {DOCS_PATH}")
    return Response(
        status_code=204,
        headers={
            **PUBLIC_HEADERS,
            "Allow": _METHODS,
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": "Accept, If-None-Match",
            "Access-Control-Max-Age": "86400",
        },
    )
