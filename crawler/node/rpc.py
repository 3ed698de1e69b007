"""One node: sends a JSON-RPC call, gives back the parsed answer or says what went wrong.

Never retries: `pool` does.
"""

import math
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec

from crawler import telemetry
from crawler.addresses import shown_url
from crawler.node.client import Caller
from crawler.node.connection import AnswerTooLarge
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

# no such deploy, block, value, state root, transaction; state pruned; sidecar without its node
_LACKS = frozenset({-32000, -32001, -32003, -32012, -32014, -32018, -32019, -32023})

_INTERNAL_ERROR = -32603

_encode = msgspec.json.Encoder().encode


class Node:
    """A JSON-RPC address and the HTTP client that all nodes share."""

    def __init__(self, url: str, client: Caller) -> None:
        self.url = url
        self.name = shown_url(url)
        """The address as logs and metrics may show it."""
        self._client = client
        self._answer_bytes = telemetry.ANSWER_BYTES.labels(self.name)

    async def ask(
        self, method: str, params: dict[str, Any], parse: Callable[[msgspec.Raw], Answer | None]
    ) -> Answer:
        """What `parse` makes of the result. Raises a NodeError (see `node.errors`).

        A parser's None means that the node knows of it but does not have it (yet).
        """
        body = await self._post(
            _encode({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
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

    async def _post(self, content: bytes) -> bytes:
        try:
            reply = await self._client.post(self.url, content)
        except TimeoutError as error:
            reason = f"no whole answer in {self._client.timeout_s:g} s"
            raise NodeUnreachable(self.url, reason) from error
        except AnswerTooLarge as error:
            raise NodeUnreadable(self.url, str(error)) from error
        # some addresses cannot be spoken with at all: a ValueError
        except (OSError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise NodeUnreachable(self.url, reason[:200]) from error
        self._answer_bytes.inc(len(reply.body))
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise NodeBusy(self.url, _retry_after_s(reply.retry_after))
        if reply.status != HTTPStatus.OK:
            raise NodeUnreachable(self.url, f"HTTP status {reply.status}")
        return reply.body


def _kind(code: int) -> type[NodeError]:
    if code == _INTERNAL_ERROR:
        return NodeUnreachable
    return NodeLacks if code in _LACKS else NodeRefused


def _retry_after_s(header: str | None) -> float:
    try:
        told = float(header or "1")
    except ValueError:
        return 1
    return min(max(told, 0.1), 60) if math.isfinite(told) else 1
