"""HTTP clients of an application in this process."""

import sys
from dataclasses import dataclass

import httpx
from starlette.types import ASGIApp

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

unpack_zstd = zstd.decompress


def asking(app: ASGIApp) -> httpx.AsyncClient:
    """A client of the application; an unforeseen error is its answer 500, as on a server."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://dash.test")


@dataclass
class Packed:
    """An answer as it went over the wire."""

    status_code: int
    headers: httpx.Headers
    content: bytes


async def raw(client, path, accept_encoding, headers=None):
    """The answer with its body still packed."""
    asked = {"Accept-Encoding": accept_encoding} | (headers or {})
    async with client.stream("GET", path, headers=asked) as answer:
        content = b"".join([piece async for piece in answer.aiter_raw()])
    return Packed(answer.status_code, answer.headers, content)
