"""Those who follow the server-sent events: each has a small buffer, whoever is slow is let go."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import anyio
from anyio.streams.memory import MemoryObjectSendStream

MAX_LISTENERS = 10_000
BUFFERED_EVENTS = 64
ALIVE_S = 15.0
"""A listener hears at least a comment so often: proxies cut what is silent."""

_RETRY_MS = 3000


@dataclass(frozen=True)
class Event:
    """One event: its name and its data, a line of JSON."""

    name: str
    data: bytes

    def encode(self) -> bytes:
        """As it goes over the wire: HTML Standard, 9.2."""
        return b"event: %s\ndata: %s\n\n" % (self.name.encode(), self.data)


class TooManyListeners(Exception):
    """MAX_LISTENERS are served already."""


class Listeners:
    """Sends each event to everyone, encoded once. Keeps the newest of each name for newcomers."""

    def __init__(self, *, most: int = MAX_LISTENERS, alive_s: float = ALIVE_S) -> None:
        self._most = most
        self._alive_s = alive_s
        self._newest: dict[str, bytes] = {}
        self._streams: set[MemoryObjectSendStream[bytes]] = set()

    def __len__(self) -> int:
        return len(self._streams)

    def send(self, events: Iterable[Event]) -> None:
        """Never waits. Whoever has BUFFERED_EVENTS unread is let go, and may come again."""
        for event in events:
            self._newest[event.name] = event.encode()
            for stream in list(self._streams):
                self._send(stream, self._newest[event.name])

    def _send(self, stream: MemoryObjectSendStream[bytes], encoded: bytes) -> None:
        try:
            stream.send_nowait(encoded)
        except anyio.WouldBlock:
            self._let_go(stream)

    def close(self) -> None:
        """Lets everyone go, for the server ends; nobody is taken any more."""
        self._most = 0
        for stream in list(self._streams):
            self._let_go(stream)

    def _let_go(self, stream: MemoryObjectSendStream[bytes]) -> None:
        self._streams.discard(stream)
        stream.close()

    def listen(self) -> AsyncIterator[bytes]:
        """The newest events, then each as it comes, until the listener is let go or closes it.

        Raises TooManyListeners.
        """
        if len(self._streams) >= self._most:
            raise TooManyListeners
        return self._follow()

    async def _follow(self) -> AsyncIterator[bytes]:
        send, receive = anyio.create_memory_object_stream[bytes](BUFFERED_EVENTS)
        self._streams.add(send)
        try:
            yield b"retry: %d\n\n" % _RETRY_MS + b"".join(self._newest.values())
            while True:
                piece = b": alive\n\n"
                with anyio.move_on_after(self._alive_s):
                    piece = await receive.receive()
                yield piece
        except anyio.EndOfStream:
            return
        finally:
            self._let_go(send)
            receive.close()
