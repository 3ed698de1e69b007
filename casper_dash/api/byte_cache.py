"""Ready answers as bytes, in front of everything: plain ASGI, bounded, one asker a miss.

Adds what belongs to every answer of the API: ETag, 304, packing, and no body for HEAD.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casper_dash.api.answers import Answer, Answers, Key
from casper_dash.api.caching import held_s
from casper_dash.api.packing import coding_of

CACHE_RESULT = "casper_dash.cache"
"""Where the scope says `hit` or `miss`; nothing for what goes past the cache."""


class _Conditions(NamedTuple):
    """What of a request decides about its answer, besides its path and query."""

    head: bool
    accept: bytes
    accept_encoding: bytes
    if_none_match: bytes


class ByteCache:
    """Answers GET and HEAD below `prefix` from `answers` while an answer holds.

    Errors and what says no-store are passed on and forgotten; so are answers that come in
    pieces. Paths of `past` go past it: what never ends cannot be waited for or packed.
    """

    def __init__(
        self, app: ASGIApp, *, answers: Answers, prefix: str, past: Collection[str] = ()
    ) -> None:
        self._app = app
        self.answers = answers
        self._prefix = prefix
        self._past = past
        self._asked: dict[Key, anyio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not (
            scope["type"] == "http"
            and scope["method"] in ("GET", "HEAD")
            and scope["path"].startswith(self._prefix)
            and scope["path"] not in self._past
        ):
            await self._app(scope, receive, send)
            return
        conditions = _conditions(scope)
        key = scope["path"], scope["query_string"], conditions.accept
        answer = self.answers.fresh(key)
        if answer is None and key in self._asked:
            await self._asked[key].wait()
            answer = self.answers.fresh(key)
        scope[CACHE_RESULT] = "miss" if answer is None else "hit"
        if answer is None:
            with self._asking(key) as asking:
                await self._ask(key, scope, receive, send, asking)
        else:
            await _send_answer(answer, conditions, self.answers.now(), send)

    async def _ask(
        self, key: Key, scope: Scope, receive: Receive, send: Send, asking: anyio.Event
    ) -> None:
        conditions = _conditions(scope)
        recorder = _Recorder(_packing(send, conditions), asking.set)
        # as of before the question: what is stored meanwhile must not be hidden for longer
        asked_at = self.answers.now()
        try:
            await self._app(scope, receive, recorder)
        finally:
            # an application that fails says so to the client first, and then raises for the log
            answer = recorder.answer(asked_at)
            if answer is not None:
                self.answers.keep(key, answer)
                asking.set()
                await _send_answer(answer, conditions, self.answers.now(), send)

    @contextmanager
    def _asking(self, key: Key) -> Iterator[anyio.Event]:
        """While it lasts, or until the event is set, others who ask for the same wait."""
        event = anyio.Event()
        self._asked.setdefault(key, event)
        try:
            yield event
        finally:
            event.set()
            if self._asked.get(key) is event:
                del self._asked[key]


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

    def answer(self, asked_at: float) -> Answer | None:
        if self._body is None:
            return None
        status = self._start["status"]
        named = dict(self._start["headers"]).get(b"cache-control", b"")
        own = (b"content-length", b"age")
        headers = [pair for pair in self._start["headers"] if pair[0] not in own]
        seconds = held_s(named.decode("latin-1")) if status == 200 else 0
        age_s = int(dict(self._start["headers"]).get(b"age", b"0"))
        return Answer(status, headers, self._body, asked_at, seconds, age_s)


def _conditions(scope: Scope) -> _Conditions:
    found = {b"accept": b"", b"accept-encoding": b"", b"if-none-match": b""}
    for name, value in scope["headers"]:
        if name in found:
            found[name] = found[name] + b"," + value if found[name] else value
    return _Conditions(scope["method"] == "HEAD", *found.values())


async def _send_answer(answer: Answer, conditions: _Conditions, now: float, send: Send) -> None:
    variant = await answer.variant(conditions.accept_encoding)
    age = answer.age(now)
    headers = [*variant.headers, (b"age", b"%d" % age)] if age else variant.headers
    if variant.etag and _matches(conditions.if_none_match, variant.etag):
        kept = [pair for pair in headers if not pair[0].startswith(b"content-")]
        await send({"type": "http.response.start", "status": 304, "headers": kept})
        await send({"type": "http.response.body", "body": b""})
        return
    body = b"" if conditions.head else variant.body
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _matches(if_none_match: bytes, etag: bytes) -> bool:
    if not if_none_match:
        return False
    tags = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
    return etag in tags or tags == [b"*"]


def _packing(send: Send, conditions: _Conditions) -> Send:
    """`send` for an answer in pieces: each is packed as it comes, if the client can unpack it."""
    coding = coding_of(conditions.accept_encoding)
    if conditions.head or coding is None:
        return send
    name, packer = coding.name.encode(), coding.packer()

    async def pack(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message["headers"], (b"content-encoding", name)]
            await send({**message, "headers": headers})
            return
        more = message.get("more_body", False)
        body = packer.compress(message.get("body", b""))
        await send({**message, "body": body if more else body + packer.flush()})

    return pack
