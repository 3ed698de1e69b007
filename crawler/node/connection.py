"""One kept HTTP/1.1 connection: a request out, its answer in, one at a time. Nothing of JSON-RPC.

A protocol of our own: each call costs a third of what it does with aiohttp, a tenth of httpx.
"""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

import httptools

from crawler.node.room import Room

MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""Ten times the largest answer seen: one era's information of 8,825 allocations is 3.2 MB."""
_MAX_AROUND_BYTES = 64 * 1024
"""Of headers and the like; an eighth of the body more, for its chunks' lengths."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole HTTP answer."""

    status: int
    body: bytes
    retry_after: str | None = None


class AnswerTooLarge(Exception):
    """It sends more than MAX_ANSWER_BYTES, or far too much around its body."""


class Connection(asyncio.Protocol):
    """Not for two callers at a time; `usable` tells whether there can be another exchange."""

    def __init__(self, room: Room) -> None:
        self.usable = True
        self.idle_since = 0.0
        self._room = room
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._reply: asyncio.Future[Reply] | None = None
        self._body: list[bytes] = []
        self._bytes = 0
        """Of the body so far."""
        self._received = 0
        """All bytes since the request."""
        self._retry_after: str | None = None
        self._has_length = False
        self._till_close = False
        """Without a length the answer ends with the connection."""

    async def exchange(self, request: bytes, deadline: float) -> Reply:
        """What comes back for the bytes of a request, by the loop's clock at `deadline` at latest.

        Raises TimeoutError, AnswerTooLarge, or ConnectionError for what is cut off or no HTTP, and
        where there is no room; the connection is closed then, as when the caller is cancelled.
        """
        loop = asyncio.get_running_loop()
        if self._transport is None:
            raise ConnectionResetError("connection closed by the node")
        reply: asyncio.Future[Reply] = loop.create_future()
        self._reply = reply
        self._bytes = self._received = 0
        late = loop.call_at(deadline, self.give_up, TimeoutError())
        self._transport.write(request)
        try:
            return await reply
        except BaseException:
            self.close()
            raise
        finally:
            late.cancel()
            self._reply = None
            self._room.give_back(self)

    def close(self) -> None:
        """Drops it at once."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.give_up(ConnectionError(f"no HTTP: {error}"))
        if self._received - self._bytes > _MAX_AROUND_BYTES + self._bytes // 8:
            self.give_up(AnswerTooLarge("too many bytes of headers or chunks around the answer"))

    def connection_lost(self, exc: Exception | None) -> None:
        self.usable = False
        self._transport = None
        if self._till_close and exc is None:
            self.on_message_complete()
        self.give_up(exc or ConnectionResetError("connection closed before the answer's end"))

    def on_message_begin(self) -> None:
        if not self._is_awaited():  # its rest would answer the next question
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"retry-after":
            self._retry_after = value.decode("latin-1")
        elif name in (b"content-length", b"transfer-encoding"):
            self._has_length = True

    def on_headers_complete(self) -> None:
        self._till_close = not self._has_length

    def on_body(self, body: bytes) -> None:
        if not self._is_awaited():
            return
        self._body.append(body)
        self._bytes += len(body)
        self._room.take(self, len(body))
        if self._bytes > MAX_ANSWER_BYTES:
            self.give_up(AnswerTooLarge(f"answer over {MAX_ANSWER_BYTES} bytes"))

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status >= HTTPStatus.OK:  # below: hints on the way, and the answer follows
            if not self._parser.should_keep_alive():
                self.usable = False
            if self._reply is not None and not self._reply.done():
                body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
                self._reply.set_result(Reply(status, body, self._retry_after))
        self._body = []
        self._retry_after = None
        self._has_length = self._till_close = False

    def give_up(self, error: Exception) -> None:
        """Ends the exchange under way with this error, and the connection."""
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error)
        self._body.clear()
        self._room.give_back(self)
        self.close()

    def _is_awaited(self) -> bool:
        return self._reply is not None and not self._reply.done()
