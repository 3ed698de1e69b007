"""Event streams are a hint: a new block is asked for at once, and streams may fail as they like."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from crawler import crawl as crawl_module
from crawler.crawl import open_crawler
from crawler.node import events
from crawler.progress import standing
from crawler.sandbox.running import running
from tests.crawler.crawls import SMALL, chain_of, crawl_of, network_of

ADDED = b'data:{"BlockAdded":{"block_hash":"00","block":{}}}\nid:1\n\n'


def _heard(*chunks: bytes) -> int:
    """How often a stream of these chunks tells of a block."""

    class Stream(httpx.AsyncByteStream):
        async def __aiter__(self):
            for chunk in chunks:
                yield chunk

    async def count() -> int:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Stream()))
        async with httpx.AsyncClient(transport=transport) as client:
            return len([None async for _ in events._blocks(client, "http://node/events")])

    return asyncio.run(count())


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_each_block_is_heard_once_however_the_stream_is_cut(size: int):
    stream = b'data:{"ApiVersion":"2.0.0"}\n\n' + ADDED + b":\n\n" + ADDED + b'data:"Shutdown"\n\n'

    assert _heard(*(stream[i : i + size] for i in range(0, len(stream), size))) == 2


def test_other_events_are_not_heard():
    assert _heard(b'data:{"FinalitySignature":{"V2":{}}}\nid:2\n\n', b":\n\n\n\n") == 0


def test_a_block_is_heard_before_its_line_is_whole():
    assert _heard(b'data:{"BlockAdded":{"block') == 1


def test_a_stream_that_is_refused_is_tried_again():
    answers = [
        httpx.Response(503),
        httpx.ConnectError("refused"),
        httpx.Response(200, content=ADDED),
    ]
    heard = asyncio.Event()

    def answer(_: httpx.Request) -> httpx.Response:
        if isinstance(found := answers.pop(0), Exception):
            raise found
        return found

    async def listen() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            listening = asyncio.create_task(events.listen(client, "http://node/events", heard.set))
            await asyncio.wait_for(heard.wait(), 20)
            listening.cancel()

    asyncio.run(listen())


def test_a_new_block_is_stored_at_once_and_not_at_the_next_look(
    migrated_sqlite: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(crawl_module, "HEAD_POLL_S", 3600)
    chain = chain_of(40, **SMALL)
    with running(chain, nodes=2) as nodes:
        settings = {"rpc_event_urls": ",".join(nodes.event_urls)}
        crawl = crawl_of(migrated_sqlite, network_of(chain, tmp_path), nodes.urls, **settings)
        crawl.to_head()

        async def follow() -> None:
            stop = asyncio.Event()
            async with open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler:
                following = asyncio.create_task(crawler.follow(stop))
                await _until(lambda: crawler._pool.members[0].status is not None)
                await asyncio.sleep(1)  # the streams are open by now
                nodes.advance(1)
                await _until(lambda: asyncio.to_thread(_holds, migrated_sqlite, 42))
                stop.set()
                await following

        asyncio.run(follow())


def _holds(engine: Engine, blocks: int) -> bool:
    return standing(engine).held == blocks


async def _until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while True:
            answer = condition()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.05)
