"""Limits of what one request may ask: the length of its address."""

from starlette.types import ASGIApp, Receive, Scope, Send

from casper_dash.api.problems import Problem, problem_response

MAX_URL_LENGTH = 6000
"""Characters of path and query; a query alone may have parameters.MAX_QUERY_LENGTH."""


class LimitUrls:
    """Answers 414 to an address that is longer than any that this API has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _length(scope) > MAX_URL_LENGTH:
            detail = f"path and query are at most {MAX_URL_LENGTH} characters long"
            await problem_response(Problem(414, detail))(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _length(scope: Scope) -> int:
    return len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"])
