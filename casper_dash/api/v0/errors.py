"""The one form of v0's errors.

V0Error               anything that ends a request early
  NotFound            404  nothing found, where the endpoint says so
  EntityNotFound      404  a row fetched by its id is missing
  NoEndpoint          404  no such path
  InvalidParameter    400  a parameter of the wrong type
  MissingParameter    400  one that is needed
  IncorrectQuery      400  a filter or an order that parses but cannot be run
  WrongMethod         405
  QueryTooLong        414
  TooManyQuestions    429  try again after Retry-After
  Away                503  database or nodes: try again after Retry-After
"""

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from casper_dash.api.caching import NO_STORE, PUBLIC_HEADERS
from casper_dash.api.problems import RETRY_AFTER_S, DatabaseAway, Problem, TooSlow

log = structlog.get_logger()

METHODS = "GET, HEAD, OPTIONS"
_BAD_REQUEST = "BadRequestError"


class V0Error(Exception):
    """Ends the request with this status; `extra` stands beside the message."""

    def __init__(
        self,
        status: int,
        name: str | None,
        message: str,
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.name = name
        self.message = message
        self.extra = extra or {}
        self.headers = headers or {}


class NotFound(V0Error):
    def __init__(self) -> None:
        super().__init__(404, "Error", "Not found.")


class EntityNotFound(V0Error):
    def __init__(self, entity: str, key: str) -> None:
        message = f"Entity not found: {entity} with id {key}"
        super().__init__(404, "Error", message, extra={"code": "ENTITY_NOT_FOUND"})


class NoEndpoint(V0Error):
    def __init__(self, method: str, path: str) -> None:
        super().__init__(404, "NotFoundError", f'Endpoint "{method} {path}" not found.')


class InvalidParameter(V0Error):
    """`value` is what was given; `syntax_error` says why text is not JSON."""

    def __init__(self, name: str, value: Any, *, syntax_error: str = "") -> None:
        shown = orjson.dumps(value).decode()
        message = f'Invalid data {shown} for parameter "{name}".'
        extra: dict[str, Any] = {"code": "INVALID_PARAMETER_VALUE"}
        if syntax_error:
            extra["details"] = {"syntaxError": syntax_error}
        super().__init__(400, _BAD_REQUEST, message, extra=extra)


class MissingParameter(V0Error):
    def __init__(self, names: str) -> None:
        extra = {"code": "MISSING_REQUIRED_PARAMETER"}
        super().__init__(400, _BAD_REQUEST, f"Required parameter {names} is missing!", extra=extra)


class IncorrectQuery(V0Error):
    def __init__(self) -> None:
        super().__init__(400, "Error", "Incorrect query")


class WrongMethod(V0Error):
    def __init__(self, method: str) -> None:
        message = f"{method} is not answered here, only {METHODS}"
        super().__init__(405, "MethodNotAllowedError", message, headers={"Allow": METHODS})


class QueryTooLong(V0Error):
    def __init__(self, most: int) -> None:
        message = f"A query is at most {most} characters long."
        super().__init__(414, "UriTooLongError", message)


class TooManyQuestions(V0Error):
    def __init__(self, wait_s: int) -> None:
        message = "Too many questions that only nodes can answer."
        wait = {"Retry-After": str(wait_s)}
        super().__init__(429, "TooManyRequestsError", message, headers=wait)


class Away(V0Error):
    def __init__(self, message: str) -> None:
        wait = {"Retry-After": str(RETRY_AFTER_S)}
        super().__init__(503, "ServiceUnavailableError", message, headers=wait)


def refusal(problem: Problem) -> V0Error:
    """The error that says the same as a problem which ended the request before v0 saw it."""
    names = {414: "UriTooLongError", 429: "TooManyRequestsError"}
    detail = f"{problem.detail[:1].upper()}{problem.detail[1:]}."
    return V0Error(problem.status, names[problem.status], detail, headers=problem.headers)


def error_response(error: V0Error) -> Response:
    """The error as an answer that nobody may keep."""
    named = {"name": error.name} if error.name else {}
    told = {"statusCode": error.status, **named, "message": error.message, **error.extra}
    return Response(
        orjson.dumps({"error": told}),
        status_code=error.status,
        headers={
            **error.headers,
            **PUBLIC_HEADERS,
            "Content-Type": "application/json; charset=utf-8",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": NO_STORE,
        },
    )


async def answer_error(_request: Request, error: V0Error) -> Response:
    """Starlette's handler for a V0Error."""
    return error_response(error)


async def answer_away(_request: Request, error: DatabaseAway | TooSlow) -> Response:
    """Starlette's handler for a database that does not answer, or not in time."""
    return error_response(Away(error.detail))


async def answer_bug(request: Request, error: Exception) -> Response:
    """Starlette's handler for whatever nobody foresaw; the traceback goes to the log alone."""
    log.error("request failed", path=request.url.path, exc_info=error)
    return error_response(V0Error(500, None, "Internal Server Error"))
