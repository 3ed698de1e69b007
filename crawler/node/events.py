"""A node's event stream, as a hint that there is a new block. What it is, is asked as always."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import structlog

from crawler.addresses import shown_url

log = structlog.get_logger(__name__)

_BLOCK_ADDED = 'data:{"BlockAdded"'
_QUIET_S = 120.0
"""Nodes send keep-alive lines; a stream that says nothing for so long is dead."""
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0


async def listen(client: httpx.AsyncClient, url: str, on_block: Callable[[], None]) -> None:
    """Calls `on_block` whenever the node adds a block; connects again for ever."""
    pause_s = _SHORTEST_PAUSE_S
    while True:
        try:
            async for _ in _blocks(client, url):
                pause_s = _SHORTEST_PAUSE_S
                on_block()
            reason = "it ended the stream"
        except (httpx.HTTPError, ValueError) as error:
            reason = str(error) or type(error).__name__
        log.info("event stream lost", url=shown_url(url), reason=reason, again_in_s=pause_s)
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


async def _blocks(client: httpx.AsyncClient, url: str) -> AsyncIterator[None]:
    timeout = httpx.Timeout(10, read=_QUIET_S)
    async with client.stream("GET", url, timeout=timeout) as response:
        response.raise_for_status()
        async for starts in _line_starts(response.aiter_text()):
            if starts.startswith(_BLOCK_ADDED):
                yield


async def _line_starts(chunks: AsyncIterator[str]) -> AsyncIterator[str]:
    """The beginning of each line, as soon as it is there: blocks can be long, and are not read."""
    start, told = "", False
    async for chunk in chunks:
        first, *others = chunk.split("\n")
        start = (start + first)[: len(_BLOCK_ADDED)]
        for following in others:
            if not told:
                yield start
            start, told = following[: len(_BLOCK_ADDED)], False
        if not told and len(start) == len(_BLOCK_ADDED):
            told = True
            yield start
