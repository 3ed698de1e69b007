"""The API as an ASGI application: routes, errors and the cache in front, put together."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp

from casper_dash.api.byte_cache import ByteCache
from casper_dash.api.caching import PUBLIC_HEADERS, RELEASE
from casper_dash.api.database import Database
from casper_dash.api.docs import PATH as DOCS_PATH
from casper_dash.api.docs import docs_page
from casper_dash.api.forms import JSON
from casper_dash.api.health import healthz, readyz
from casper_dash.api.item import item_endpoint
from casper_dash.api.listing import listing_endpoint
from casper_dash.api.openapi import PATH as OPENAPI_PATH
from casper_dash.api.openapi import openapi
from casper_dash.api.problems import (
    NotFound,
    Problem,
    answer_bug,
    answer_http_exception,
    answer_problem,
)
from casper_dash.api.resource import Resource
from casper_dash.api.v1 import resources
from crawler.network import Network

CACHE_BYTES = 64 * 2**20
_PREFIX = "/api"
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


def create_app(
    engine: Engine,
    network: Network,
    *,
    front: ASGIApp | None = None,
    public_url: str = "",
    clock: Callable[[], datetime] = utc_now,
) -> Starlette:
    """The application. `front` answers every path that is not the API's; the caller owns
    `engine`, whose pool's size is the number of questions asked at a time.

    `public_url` is where the API is reached, empty for wherever it is asked.
    """
    database = Database(engine)
    declared = resources(network)
    routes: list[BaseRoute] = [
        Route("/healthz", healthz),
        Route("/readyz", readyz(engine)),
        Mount(_PREFIX, app=_api_router(declared, database, public_url, clock)),
    ]
    if front is not None:
        routes.append(Mount("/", app=front))
    cache = Middleware(
        ByteCache,
        prefix=f"{_PREFIX}/",
        max_bytes=CACHE_BYTES,
        now=lambda: clock().timestamp(),
    )
    app = Starlette(routes=routes, middleware=[cache], exception_handlers=_EXCEPTION_HANDLERS)
    app.router.redirect_slashes = False
    return app


def _api_router(
    declared: tuple[Resource, ...],
    database: Database,
    public_url: str,
    clock: Callable[[], datetime],
) -> Router:
    routes: list[BaseRoute] = []
    for resource in declared:
        path = resource.path.removeprefix(_PREFIX)
        if resource.listing is not None:
            routes.append(Route(path, listing_endpoint(resource, resource.listing, database)))
        if resource.item is not None:
            path = resource.item_path.removeprefix(_PREFIX)
            routes.append(Route(path, item_endpoint(resource, resource.item, database, clock)))
    document = openapi(declared, public_url)
    page = docs_page(document).encode()
    routes += [
        Route(OPENAPI_PATH.removeprefix(_PREFIX), _fixed(orjson.dumps(document), JSON)),
        Route(DOCS_PATH.removeprefix(_PREFIX), _fixed(page, "text/html")),
        Route("/{rest:path}", _elsewhere, methods=["GET", "OPTIONS"]),
    ]
    return Router(routes, redirect_slashes=False)


def _fixed(body: bytes, media_type: str) -> Callable[[Request], Response]:
    """An endpoint whose answer changes with a release only."""
    headers = {**PUBLIC_HEADERS, "Cache-Control": RELEASE}
    return lambda request: Response(body, media_type=media_type, headers=headers)


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
