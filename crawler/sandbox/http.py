"""HTTP/1.1 on one port of the sandbox: calls, the event stream, the control route.

A protocol of our own, since the network also makes load for benchmarks: an ASGI server costs
several times as much a call. Callers that pipeline are not served.
"""

import asyncio
import json
from collections.abc import Callable
from typing import cast
from urllib.parse import parse_qs, urlsplit

import httptools

from crawler.sandbox.events import EventStream
from crawler.sandbox.node import Node

REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
           429: "Too Many Requests"}  # fmt: skip
HUGE_BYTES = 1 << 30
_HUGE_PIECE = b" " * (1 << 20)
_SLOW_PIECES = 4
_SLOW_PAUSE_S = 1.0

Control = Callable[[str, bytes], tuple[int, bytes]]
"""HTTP method and body of a `/control` request → status and JSON."""


class HttpConnection(asyncio.Protocol):
    """One caller's connection to one node."""

    def __init__(self, node: Node, events: EventStream, control: Control) -> None:
        self._node = node
        self._events = events
        self._control = control
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._body: list[bytes] = []
        self._waiting: set[asyncio.TimerHandle] = set()
        self._task: asyncio.Task[None] | None = None
        self._keep_alive = True
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._writable.set()
        self._events.leave(self)
        for handle in self._waiting:
            handle.cancel()
        if self._task:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.send(400, b'{"error":"no HTTP request"}')
            self._close()

    def on_message_begin(self) -> None:
        self._url = b""
        self._body.clear()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        url = urlsplit(self._url.decode("latin-1"))
        method = self._parser.get_method().decode("latin-1")
        body = b"".join(self._body)
        self._keep_alive = self._parser.should_keep_alive()
        if url.path == "/control":
            self.send(*self._control(method, body))
        elif self._node.faults.down:
            self.abort()
        elif url.path == "/rpc":
            self._receive_call(method, body)
        elif url.path == "/events" and method == "GET":
            start = parse_qs(url.query).get("start_from", [""])[0]
            self._events.join(self, int(start) if start.isdigit() else None)
        else:
            self.send(404, b'{"error":"not found: /rpc, /events and /control are here"}')

    def send(self, status: int, body: bytes, length: int | None = None) -> None:
        """Write one answer; `length` is announced where the body is not all that follows."""
        head = b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        reason = REASONS.get(status, "Invented Fault").encode()
        self.write(head % (status, reason, len(body) if length is None else length) + body)
        if length is None and not self._keep_alive:
            self._close()

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _receive_call(self, method: str, body: bytes) -> None:
        faults = self._node.faults
        if method != "POST":
            self.send(405, b'{"error":"calls are POSTed"}')
        elif faults.http_status:
            self.send(faults.http_status, b'{"error":"an invented fault"}')
        elif self._node.refuses():
            self.send(429, b'{"error":"too many calls"}')
        else:
            delay_s = self._node.delay_s()
            if delay_s:
                self._later(delay_s, lambda: self._answer_call(body))
            else:
                self._answer_call(body)

    def _later(self, delay_s: float, act: Callable[[], None]) -> None:
        def run() -> None:
            self._waiting.discard(handle)
            act()

        handle = asyncio.get_running_loop().call_later(delay_s, run)
        self._waiting.add(handle)

    def _answer_call(self, body: bytes) -> None:
        faults = self._node.faults
        if faults.garbage:
            self.send(200, b"<html>this is no JSON</html>")
            return
        answer = self._node.answer(body)
        self._node.answer_bytes += len(answer)
        if faults.cut:
            self.send(200, answer[: len(answer) // 2], length=len(answer))
            self._close()
        elif faults.huge:
            self._task = asyncio.ensure_future(self._send_without_end())
        elif faults.slow_body:
            self._task = asyncio.ensure_future(self._send_slowly(answer))
        else:
            self.send(200, answer)

    async def _send_slowly(self, answer: bytes) -> None:
        self.send(200, b"", length=len(answer))
        step = len(answer) // _SLOW_PIECES + 1
        for start in range(0, len(answer), step):
            await asyncio.sleep(_SLOW_PAUSE_S)
            self.write(answer[start : start + step])

    async def _send_without_end(self) -> None:
        self.send(200, b"", length=HUGE_BYTES)
        for _ in range(HUGE_BYTES // len(_HUGE_PIECE)):
            await self._writable.wait()
            if self._transport is None:
                return
            self.write(_HUGE_PIECE)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


def error_body(message: str) -> bytes:
    """A JSON body that tells what was wrong with a request."""
    return json.dumps({"error": message}).encode()
