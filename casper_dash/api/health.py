"""/healthz and /readyz: whether the process lives, and whether it can serve."""

from collections.abc import Awaitable, Callable

import orjson
from anyio import to_thread
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from casper_dash.api.caching import NO_STORE
from casper_dash.api.forms import JSON
from casper_dash.api.problems import DatabaseAway, Problem
from crawler.schema import missing_revision


async def healthz(_request: Request) -> Response:
    """200 while the process lives, whatever the database does."""
    return _ok()


def readyz(engine: Engine) -> Callable[[Request], Awaitable[Response]]:
    """200 when the database answers and has the schema of this release, else 503 and why."""

    async def answer(_request: Request) -> Response:
        try:
            reason = await to_thread.run_sync(missing_revision, engine)
        except SQLAlchemyError as error:
            raise DatabaseAway from error
        if reason is not None:
            raise Problem(503, reason)
        return _ok()

    return answer


def _ok() -> Response:
    headers = {"Cache-Control": NO_STORE}
    return Response(orjson.dumps({"status": "ok"}), media_type=JSON, headers=headers)
