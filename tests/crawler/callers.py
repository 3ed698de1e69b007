"""Nodes that are a function: what stands in for the HTTP client where no socket is needed."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from crawler.node.connection import Reply

Answer = httpx.Response | Awaitable[httpx.Response]


@dataclass(frozen=True)
class FakeCaller:
    """A `Caller` whose every answer is what `respond` makes of the request, or raises."""

    respond: Callable[[httpx.Request], Answer]
    timeout_s: float = 10

    async def post(self, url: str, content: bytes) -> Reply:
        answer = self.respond(httpx.Request("POST", url, content=content))
        response = await answer if inspect.isawaitable(answer) else answer
        return Reply(response.status_code, response.content, response.headers.get("Retry-After"))
