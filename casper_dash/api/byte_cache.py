"""Ready answers as bytes, in front of everything: plain ASGI, bounded, one asker a miss.

Adds what belongs to every answer of the API: ETag, 304, gzip, and no body for HEAD.
"""

import gzip
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

import anyio
from anyio import to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casper_dash.api.caching import held_s
from casper_dash.api.negotiation import takes_gzip

_GZIP_LEVEL = 5
_GZIP_FROM = 600
"""Bytes; below, the answer fits a packet anyway."""
_INLINE_TO = 64 * 1024
"""Bytes that are packed without a thread: about a millisecond."""
_ENTRY_OVERHEAD = 1024
_LARGEST_SHARE = 8

Headers = list[tuple[bytes, bytes]]
Key = tuple[str, bytes, bytes]


@dataclass(frozen=True)
class _Conditions:
    """What of a request decides about its answer, besides its path and query."""

    head: bool
    accept: bytes
    accept_encoding: bytes
    if_none_match: bytes


@dataclass(frozen=True)
class _Variant:
    """An answer in one encoding; an ETag only if it may be stored."""

    headers: Headers
    body: bytes
    etag: bytes = b""


@dataclass
class _Answer:
    """A whole answer, in each encoding that was asked for so far."""

    status: int
    headers: Headers
    body: bytes
    stored_at: float
    held_s: int
    variants: dict[str, _Variant] = field(default_factory=dict)

    @property
    def cost(self) -> int:
        # packed bytes are never more than the plain ones, for bodies that are packed at all
        return _ENTRY_OVERHEAD + 2 * len(self.body)

    def fresh(self, now: float) -> bool:
        # a clock that was set back must not keep an answer for hours
        return self.stored_at <= now < self.stored_at + self.held_s

    async def variant(self, accept_encoding: bytes) -> _Variant:
        packed = len(self.body) >= _GZIP_FROM and takes_gzip(accept_encoding.decode("latin-1"))
        name = "gzip" if packed else "identity"
        if name not in self.variants:
            body = await _pack(self.body) if packed else self.body
            self.variants[name] = self._variant(body, packed=packed)
        return self.variants[name]

    def _variant(self, body: bytes, *, packed: bool) -> _Variant:
        headers = [*self.headers, (b"content-length", str(len(body)).encode())]
        if packed:
            headers.append((b"content-encoding", b"gzip"))
        if not self.held_s:
            return _Variant(headers, body)
        digest = blake2b(self.body, digest_size=12).hexdigest()
        etag = f'"{digest}-gzip"' if packed else f'"{digest}"'
        return _Variant([*headers, (b"etag", etag.encode())], body, etag.encode())


async def _pack(body: bytes) -> bytes:
    if len(body) <= _INLINE_TO:
        return gzip.compress(body, _GZIP_LEVEL, mtime=0)
    return await to_thread.run_sync(lambda: gzip.compress(body, _GZIP_LEVEL, mtime=0))


class ByteCache:
    """Answers GET and HEAD below `prefix` from memory while an answer holds.

    Errors and what says no-store are passed on and forgotten; so are answers that come in
    pieces. At most `max_bytes` are kept, the latest used. `now` is a clock in seconds.
    """

    def __init__(
        self, app: ASGIApp, *, prefix: str, max_bytes: int, now: Callable[[], float]
    ) -> None:
        self._app = app
        self._prefix = prefix
        self._max_bytes = max_bytes
        self._now = now
        self._answers: OrderedDict[Key, _Answer] = OrderedDict()
        self._asked: dict[Key, anyio.Event] = {}
        self.size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not (
            scope["type"] == "http"
            and scope["method"] in ("GET", "HEAD")
            and scope["path"].startswith(self._prefix)
        ):
            await self._app(scope, receive, send)
            return
        conditions = _conditions(scope)
        key = scope["path"], scope["query_string"], conditions.accept
        answer = await self._kept(key)
        if answer is None:
            answer = await self._ask(key, scope, receive, _packing(send, conditions))
        if answer is not None:
            await _send_answer(answer, conditions, send)

    async def _kept(self, key: Key) -> _Answer | None:
        answer = self._fresh(key)
        if answer is None and key in self._asked:
            await self._asked[key].wait()
            answer = self._fresh(key)
        return answer

    def _fresh(self, key: Key) -> _Answer | None:
        answer = self._answers.get(key)
        if answer is None:
            return None
        if not answer.fresh(self._now()):
            self._drop(key)
            return None
        self._answers.move_to_end(key)
        return answer

    async def _ask(self, key: Key, scope: Scope, receive: Receive, send: Send) -> _Answer | None:
        """The answer, kept if it may be; None if it came in pieces and is sent already."""
        event = self._asked.setdefault(key, anyio.Event())

        def release() -> None:
            event.set()
            self._asked.pop(key, None)

        recorder = _Recorder(send, release)
        # as of before the question: what is stored meanwhile must not be hidden for longer
        asked_at = self._now()
        try:
            await self._app(scope, receive, recorder)
            answer = recorder.answer(asked_at)
            if answer is not None and answer.held_s:
                self._keep(key, answer)
        finally:
            release()
        return answer

    def _keep(self, key: Key, answer: _Answer) -> None:
        if answer.cost * _LARGEST_SHARE > self._max_bytes:
            return
        self._drop(key)
        self._answers[key] = answer
        self.size += answer.cost
        while self.size > self._max_bytes:
            self._drop(next(iter(self._answers)))

    def _drop(self, key: Key) -> None:
        answer = self._answers.pop(key, None)
        if answer is not None:
            self.size -= answer.cost


class _Recorder:
    """Takes an answer that comes in one piece; passes others on as they come.

    `streams` is called when it turns out to be one of those: nobody need wait for its end.
    """

    def __init__(self, send: Send, streams: Callable[[], None]) -> None:
        self._send = send
        self._begin = streams
        self._start: Message = {}
        self._body: bytes | None = None
        self._streams = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif self._streams or message.get("more_body", False):
            if not self._streams:
                self._streams = True
                self._begin()
                await self._send(self._start)
            await self._send(message)
        else:
            self._body = message.get("body", b"")

    def answer(self, asked_at: float) -> _Answer | None:
        if self._body is None:
            return None
        status = self._start["status"]
        named = dict(self._start["headers"]).get(b"cache-control", b"")
        headers = [pair for pair in self._start["headers"] if pair[0] != b"content-length"]
        seconds = held_s(named.decode("latin-1")) if status == 200 else 0
        return _Answer(status, headers, self._body, asked_at, seconds)


def _conditions(scope: Scope) -> _Conditions:
    found = {b"accept": b"", b"accept-encoding": b"", b"if-none-match": b""}
    for name, value in scope["headers"]:
        if name in found:
            found[name] = found[name] + b"," + value if found[name] else value
    return _Conditions(scope["method"] == "HEAD", *found.values())


async def _send_answer(answer: _Answer, conditions: _Conditions, send: Send) -> None:
    variant = await answer.variant(conditions.accept_encoding)
    if variant.etag and _matches(conditions.if_none_match, variant.etag):
        kept = [pair for pair in variant.headers if not pair[0].startswith(b"content-")]
        await send({"type": "http.response.start", "status": 304, "headers": kept})
        await send({"type": "http.response.body", "body": b""})
        return
    body = b"" if conditions.head else variant.body
    await send({"type": "http.response.start", "status": answer.status, "headers": variant.headers})
    await send({"type": "http.response.body", "body": body})


def _matches(if_none_match: bytes, etag: bytes) -> bool:
    if not if_none_match:
        return False
    tags = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
    return etag in tags or tags == [b"*"]


def _packing(send: Send, conditions: _Conditions) -> Send:
    """`send` for an answer in pieces: each is packed as it comes, if the client takes gzip."""
    if conditions.head or not takes_gzip(conditions.accept_encoding.decode("latin-1")):
        return send
    packer = zlib.compressobj(_GZIP_LEVEL, wbits=31)

    async def pack(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message["headers"], (b"content-encoding", b"gzip")]
            await send({**message, "headers": headers})
            return
        more = message.get("more_body", False)
        body = packer.compress(message.get("body", b""))
        await send({**message, "body": body if more else body + packer.flush()})

    return pack
