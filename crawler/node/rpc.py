"""One node: sends a JSON-RPC call, gives back the parsed answer or says what went wrong.

Never retries: `pool` does.
"""

import asyncio
import json
import math
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
import msgspec

from crawler import telemetry
from crawler.addresses import shown_url
from crawler.node.errors import (
    NodeBusy,
    NodeError,
    NodeLacks,
    NodeLied,
    NodeRefused,
    NodeUnreachable,
    NodeUnreadable,
)
from crawler.parse.envelope import read_envelope
from crawler.parse.errors import ErrorAnswer, HashMismatch, ParseError

Answer = TypeVar("Answer")

MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""Ten times the largest answer seen: one era's information of 8,825 allocations is 3.2 MB."""

# no such deploy, block, value, state root, transaction; state pruned; sidecar without its node
_LACKS = frozenset({-32000, -32001, -32003, -32012, -32014, -32018, -32019, -32023})

_INTERNAL_ERROR = -32603


class Node:
    """A JSON-RPC address and the HTTP client that all nodes share."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url = url
        self.name = shown_url(url)
        """The address as logs and metrics may show it."""
        self._client = client
        self._address = httpx.URL(url)  # parsed once: it costs as much as a block's hashes

    async def ask(
        self, method: str, params: dict[str, Any], parse: Callable[[msgspec.Raw], Answer | None]
    ) -> Answer:
        """What `parse` makes of the result. Raises a NodeError (see `node.errors`).

        A parser's None means that the node knows of it but does not have it (yet).
        """
        body = await self._post(
            json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        )
        try:
            answer = parse(read_envelope(body))
        except ErrorAnswer as error:
            reason = f"{method}: error {error.code} {error.message[:200]}"
            raise _kind(error.code)(self.url, reason) from error
        except HashMismatch as error:
            raise NodeLied(self.url, str(error)[:500]) from error
        except ParseError as error:
            raise NodeUnreadable(self.url, str(error)[:500]) from error
        if answer is None:
            raise NodeLacks(self.url, f"{method}: it has no answer to this yet")
        return answer

    async def _post(self, content: str) -> bytes:
        # the client's own time-outs are for each read: a node that trickles would never end
        try:
            async with (
                asyncio.timeout(self._client.timeout.read),
                self._client.stream("POST", self._address, content=content) as response,
            ):
                self._check_status(response)
                return await self._read(response)
        except TimeoutError as error:
            reason = f"no whole answer in {self._client.timeout.read:g} s"
            raise NodeUnreachable(self.url, reason) from error
        # aiohttp refuses some addresses with a ValueError
        except (httpx.HTTPError, httpx.StreamError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise NodeUnreachable(self.url, reason[:200]) from error

    def _check_status(self, response: httpx.Response) -> None:
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise NodeBusy(self.url, _retry_after_s(response))
        if response.status_code != httpx.codes.OK:
            raise NodeUnreachable(self.url, f"HTTP status {response.status_code}")

    async def _read(self, response: httpx.Response) -> bytes:
        answer = bytearray()
        async for chunk in response.aiter_bytes():
            answer += chunk
            if len(answer) > MAX_ANSWER_BYTES:
                raise NodeUnreadable(self.url, f"answer over {MAX_ANSWER_BYTES} bytes")
        telemetry.ANSWER_BYTES.labels(self.name).inc(len(answer))
        return bytes(answer)


def _kind(code: int) -> type[NodeError]:
    if code == _INTERNAL_ERROR:
        return NodeUnreachable
    return NodeLacks if code in _LACKS else NodeRefused


def _retry_after_s(response: httpx.Response) -> float:
    try:
        told = float(response.headers.get("Retry-After", "1"))
    except ValueError:
        return 1
    return min(max(told, 0.1), 60) if math.isfinite(told) else 1
