"""/healthz and /readyz: whether the process lives, and whether it can serve."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from casper_dash.api.caching import NO_STORE
from casper_dash.api.forms import JSON
from casper_dash.api.places import Place, Places
from casper_dash.api.problems import DatabaseAway, Problem
from crawler.schema import missing_revision


async def healthz(_request: Request) -> Response:
    """200 while the process lives, whatever the database does."""
    return _ok()


def readyz(places: Places) -> Callable[[Request], Awaitable[Response]]:
    """200 when a database answers and has the schema of this release, else 503 and why.

    Says of each replica whether it is read, and by how many seconds it is behind.
    """

    async def answer(_request: Request) -> Response:
        usable = places.usable()
        reason = await asyncio.to_thread(_reason, usable)
        if reason is not None:
            raise Problem(503, reason)
        replicas = [
            {"name": each.name, "read": each in usable, "lag_seconds": places.lag_s(each)}
            for each in places.replicas
        ]
        return _ok(replicas=replicas) if replicas else _ok()

    return answer


def _reason(usable: Sequence[Place]) -> str | None:
    """Why the first place that answers cannot be read; None where it can."""
    for place in usable:
        try:
            return missing_revision(place.engine)
        except SQLAlchemyError as error:
            failure = error
    raise DatabaseAway from failure


def _ok(**more: Any) -> Response:
    headers = {"Cache-Control": NO_STORE}
    return Response(orjson.dumps({"status": "ok", **more}), media_type=JSON, headers=headers)
