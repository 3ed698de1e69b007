"""RFC 9457 problems: the one form of every error that the API answers.

Problem             anything that ends a request early
  WrongParameters   400  each wrong parameter and what is allowed
  NotFound          404  no such path or row
  NotAcceptable     406  no form of the answer that the client takes
  TooManyRequests   429  try again after Retry-After
  DatabaseAway      503  try again after Retry-After
  TooSlow           503  ask for less, or try again
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from casper_dash.api.caching import NO_STORE, PUBLIC_HEADERS

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5


@dataclass(frozen=True)
class ParameterError:
    """What is wrong with one parameter, and what would be right."""

    parameter: str
    detail: str
    allowed: str


class Problem(Exception):
    """Ends the request with this status; `detail` is one line for people."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None):
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.errors: tuple[ParameterError, ...] = ()
        self.members: Mapping[str, Any] = {}
        """What the problem says besides: RFC 9457, 3.2."""


class WrongParameters(Problem):
    """One or more parameters are unknown, given twice, or have a value that is not allowed."""

    def __init__(self, *errors: ParameterError):
        super().__init__(400, "; ".join(f"{error.parameter}: {error.detail}" for error in errors))
        self.errors = errors


class NotFound(Problem):
    """There is no such thing, or not yet."""

    def __init__(self, detail: str):
        super().__init__(404, detail)


class NotAcceptable(Problem):
    """The client takes none of the forms that this answer has."""

    def __init__(self, offered: tuple[str, ...]):
        super().__init__(406, f"this answer can be had as {', '.join(offered)}")


class TooManyRequests(Problem):
    """The client has asked more often than it may."""

    def __init__(self, wait_s: int) -> None:
        wait = {"Retry-After": str(wait_s)}
        super().__init__(429, f"too many requests: ask again in {wait_s} s", headers=wait)


class DatabaseAway(Problem):
    """The database does not answer now."""

    def __init__(self) -> None:
        wait = {"Retry-After": str(RETRY_AFTER_S)}
        super().__init__(503, "the database cannot be reached", headers=wait)


class TooSlow(Problem):
    """The database was stopped: the question took longer than any may."""

    def __init__(self, seconds: float) -> None:
        wait = {"Retry-After": str(RETRY_AFTER_S)}
        detail = f"this took the database more than {seconds:g} s: ask for less at a time"
        super().__init__(503, detail, headers=wait)


def problem_response(problem: Problem) -> Response:
    """The problem as an answer that nobody may keep."""
    content: dict[str, Any] = {
        "type": "about:blank",  # the status says it all: RFC 9457, 4.2.1
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        content["errors"] = [asdict(error) for error in problem.errors]
    content |= problem.members
    return Response(
        orjson.dumps(content),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={**problem.headers, **PUBLIC_HEADERS, "Cache-Control": NO_STORE},
    )


async def answer_problem(_request: Request, problem: Problem) -> Response:
    """Starlette's handler for a Problem."""
    return problem_response(problem)


async def answer_http_exception(request: Request, error: HTTPException) -> Response:
    """Starlette's handler for its own errors: a path or method that is not there."""
    allowed = (error.headers or {}).get("Allow")
    if allowed is None:
        return problem_response(Problem(error.status_code, f"there is no {request.url.path}"))
    allow = ", ".join(sorted(allowed.split(", ")))
    detail = f"{request.method} is not answered here, only {allow}"
    return problem_response(Problem(error.status_code, detail, headers={"Allow": allow}))


async def answer_bug(request: Request, _error: Exception) -> Response:
    """Starlette's handler for whatever nobody foresaw; the traceback goes to the log alone."""
    return problem_response(Problem(500, f"{request.url.path}: something went wrong here"))
