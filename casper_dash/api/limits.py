"""Limits of what one request may ask: the length of its address. Whoever is over one is refused."""

from starlette.types import ASGIApp, Receive, Scope, Send

from casper_dash.api.problems import Problem, problem_response
from casper_dash.api.v0.errors import error_response, refusal
from casper_dash.api.v0.query_string import MAX_LENGTH as V0_MAX_URL_LENGTH

MAX_URL_LENGTH = 6000
"""Characters of path and query; a query alone may have parameters.MAX_QUERY_LENGTH."""

_V0 = "/api/v0/"


class LimitUrls:
    """Answers 414 to an address that is longer than any that this API has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            most = V0_MAX_URL_LENGTH if _is_v0(scope) else MAX_URL_LENGTH
            if _length(scope) > most:
                detail = f"path and query are at most {most} characters long"
                await refuse(Problem(414, detail), scope, receive, send)
                return
        await self._app(scope, receive, send)


async def refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the problem, in the form that the path's errors have."""
    is_v0 = _is_v0(scope)
    response = error_response(refusal(problem)) if is_v0 else problem_response(problem)
    await response(scope, receive, send)


def _is_v0(scope: Scope) -> bool:
    return bool(scope["path"].startswith(_V0))


def _length(scope: Scope) -> int:
    return len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"])
