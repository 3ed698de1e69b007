"""Ready answers in memory: each in the encodings that were asked for, all within so many bytes."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

from casper_dash.api.packing import Coding, coding_of

_PACKED_FROM = 600
"""Bytes; below, the answer fits a packet anyway."""
_INLINE_TO = 64 * 1024
"""Bytes that are packed without a thread: about a millisecond."""
_ENTRY_OVERHEAD = 1024
_LARGEST_SHARE = 4
_VARIANTS = 3
"""Plain, gzip, zstd."""

Headers = list[tuple[bytes, bytes]]
Key = tuple[str, bytes, bytes]
"""Path, query and `Accept`."""


@dataclass(frozen=True)
class Variant:
    """An answer in one encoding; an ETag only if it may be stored."""

    headers: Headers
    body: bytes
    etag: bytes = b""


@dataclass
class Answer:
    """A whole answer, in each encoding that was asked for so far."""

    status: int
    headers: Headers
    body: bytes
    stored_at: float
    held_s: int
    age_s: int = 0
    """How old its rows were already."""
    variants: dict[str, Variant] = field(default_factory=dict)

    @property
    def cost(self) -> int:
        # packed bytes are never more than the plain ones, for bodies that are packed at all
        return _ENTRY_OVERHEAD + _VARIANTS * len(self.body)

    def fresh(self, now: float) -> bool:
        # a clock that was set back must not keep an answer for hours
        return self.stored_at <= now < self.stored_at + max(self.held_s - self.age_s, 1)

    def age(self, now: float) -> int:
        """Whole seconds since its rows were the newest."""
        return self.age_s + max(int(now - self.stored_at), 0)

    async def variant(self, accept_encoding: bytes) -> Variant:
        coding = coding_of(accept_encoding) if len(self.body) >= _PACKED_FROM else None
        name = coding.name if coding else ""
        if name not in self.variants:
            body = await _pack(self.body, coding) if coding else self.body
            self.variants[name] = self._variant(body, name)
        return self.variants[name]

    def _variant(self, body: bytes, coding: str) -> Variant:
        headers = [*self.headers, (b"content-length", str(len(body)).encode())]
        if coding:
            headers.append((b"content-encoding", coding.encode()))
        if not self.held_s:
            return Variant(headers, body)
        digest = blake2b(self.body, digest_size=12).hexdigest()
        etag = f'"{digest}-{coding}"' if coding else f'"{digest}"'
        return Variant([*headers, (b"etag", etag.encode())], body, etag.encode())


async def _pack(body: bytes, coding: Coding) -> bytes:
    if len(body) <= _INLINE_TO:
        return coding.pack(body)
    return await asyncio.to_thread(coding.pack, body)


class Answers:
    """Answers by key while they hold, at most `max_bytes` of them, the latest used.

    `now` is a clock in seconds.
    """

    def __init__(self, *, max_bytes: int, now: Callable[[], float]) -> None:
        self._max_bytes = max_bytes
        self.now = now
        self._kept: OrderedDict[Key, Answer] = OrderedDict()
        self.size = 0
        self._asked_from = 0.0

    def fresh(self, key: Key) -> Answer | None:
        """The answer, if it is held and holds still."""
        answer = self._kept.get(key)
        if answer is None:
            return None
        if not answer.fresh(self.now()):
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return answer

    def keep(self, key: Key, answer: Answer) -> None:
        """Keeps the answer, unless it may not be, or would push out too many others."""
        old = answer.stored_at < self._asked_from
        if old or not answer.held_s or answer.cost * _LARGEST_SHARE > self._max_bytes:
            return
        self._drop(key)
        self._kept[key] = answer
        self.size += answer.cost
        while self.size > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def drop(self, *, held_s: int) -> None:
        """Forgets every answer that would hold for at most so many seconds.

        What was asked before and is answered after is not kept either.
        """
        self._asked_from = self.now()
        for key in [key for key, answer in self._kept.items() if answer.held_s <= held_s]:
            self._drop(key)

    def _drop(self, key: Key) -> None:
        answer = self._kept.pop(key, None)
        if answer is not None:
            self.size -= answer.cost
