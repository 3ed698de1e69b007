"""The HTTP client that a process asks all its nodes with: kept connections, POST alone."""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Protocol
from urllib.parse import quote, urlsplit

import httpx
from aiohappyeyeballs import start_connection

from crawler.node.connection import Connection, Reply
from crawler.node.room import Room

_KEPT_S = 30
"""Longer than a node's pauses in a crawl; servers close idle connections after a minute or so."""
_NEXT_ADDRESS_S = 0.25
"""A name's next address is tried beside the one that has not answered for so long (RFC 8305)."""
_SAFE = "/%:@!$&'()*+,;=~-._?"


class Caller(Protocol):
    """What a node is asked with; tests put a fake one in."""

    @property
    def timeout_s(self) -> float:
        """How long one call may take in all."""

    async def post(self, url: str, content: bytes) -> Reply:
        """The whole answer to `content`, of any HTTP status.

        Raises TimeoutError, OSError or ValueError for none, AnswerTooLarge for too much.
        """


@dataclass(slots=True)
class _Target:
    """An address, taken apart once, and its connections that nobody uses now."""

    host: str
    port: int
    secure: bool
    head: bytes
    """The request up to its length."""
    idle: deque[Connection] = field(default_factory=deque)


class Client:
    """Keeps at most `connections` to one address alive between calls. For one event loop."""

    def __init__(self, timeout_s: float, connections: int) -> None:
        self.timeout_s = timeout_s
        self._connections = connections
        self._room = Room()
        self._targets: dict[str, _Target] = {}

    async def post(self, url: str, content: bytes) -> Reply:
        """See `Caller`."""
        target = self._targets.get(url)
        if target is None:
            target = self._targets[url] = _target(url)
        now = asyncio.get_running_loop().time()
        connection = _idle(target, now) or await self._connect(target)
        request = b"%b%d\r\n\r\n%b" % (target.head, len(content), content)
        reply = await connection.exchange(request, now + self.timeout_s)
        self._keep(target, connection)
        return reply

    def close(self) -> None:
        """Drops all connections."""
        for target in self._targets.values():
            while target.idle:
                target.idle.pop().close()

    def _keep(self, target: _Target, connection: Connection) -> None:
        if connection.usable and len(target.idle) < self._connections:
            connection.idle_since = asyncio.get_running_loop().time()
            target.idle.append(connection)
        else:
            connection.close()

    async def _connect(self, target: _Target) -> Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self.timeout_s):
            found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            sock = await start_connection(found, happy_eyeballs_delay=_NEXT_ADDRESS_S, interleave=1)
            _, connection = await loop.create_connection(
                partial(Connection, self._room),
                sock=sock,
                ssl=self._tls if target.secure else None,
                server_hostname=target.host if target.secure else None,
            )
            return connection

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


@asynccontextmanager
async def make_client(timeout_s: float, connections: int) -> AsyncIterator[Client]:
    """A client whose connections are dropped at the end."""
    client = Client(timeout_s, connections)
    try:
        yield client
    finally:
        client.close()


def make_stream_client(timeout_s: float) -> httpx.AsyncClient:
    """For what is read for ever, as event streams are."""
    headers = {"Accept-Encoding": "identity"}
    return httpx.AsyncClient(timeout=timeout_s, headers=headers, trust_env=False)


def _idle(target: _Target, now: float) -> Connection | None:
    # the oldest are at the left: they go first, and the one last used is used again
    while target.idle and target.idle[0].idle_since < now - _KEPT_S:
        target.idle.popleft().close()
    while target.idle:
        connection = target.idle.pop()
        if connection.usable:
            return connection
    return None


def _target(url: str) -> _Target:
    """Raises ValueError for an address that HTTP cannot be spoken with."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("no http:// or https:// address")
    secure = parts.scheme == "https"
    host = (
        parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname
    )
    port = parts.port or (443 if secure else 80)
    named = f"[{host}]" if ":" in host else host
    path = quote(parts.path or "/", _SAFE) + (
        f"?{quote(parts.query, _SAFE)}" if parts.query else ""
    )
    head = (
        f"POST {path} HTTP/1.1\r\n"
        f"Host: {named}{f':{parts.port}' if parts.port else ''}\r\n"
        "User-Agent: casper-dash\r\n"
        "Accept: application/json\r\n"
        # an unpacked answer could be any size, and nodes do not pack theirs
        "Accept-Encoding: identity\r\n"
        "Content-Type: application/json\r\n"
        "Content-Length: "
    )
    return _Target(host, port, secure, head.encode())
