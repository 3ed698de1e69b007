"""A pause of the whole crawl: every worker stores what it has and claims nothing, until resumed."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, func, select

from crawler import orders, ranges
from crawler.crawl import Crawler, open_crawler
from crawler.database import read_session, transact
from crawler.models.chain import BLOCK
from crawler.models.work import CRAWL_RANGE, CRAWL_STATE
from crawler.orders import Pause
from crawler.progress import standing
from crawler.sandbox.running import running
from tests.crawler.crawls import SMALL, Crawl, chain_of, crawl_of, differences, network_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PATIENCE_S = 30


def blocks(engine: Engine) -> int:
    with read_session(engine) as session:
        return session.execute(select(func.count()).where(BLOCK.height >= 0)).scalar_one()


def claimed(engine: Engine) -> bool:
    with read_session(engine) as session:
        owned = select(CRAWL_RANGE.first).where(CRAWL_RANGE.owner.is_not(None)).limit(1)
        return session.execute(owned).first() is not None


def seen_at(engine: Engine) -> datetime:
    with read_session(engine) as session:
        return session.execute(select(CRAWL_STATE.head_seen_at)).scalar_one()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 (only the database knows)
            await asyncio.sleep(0.02)


async def machine(crawler: Crawler, stop: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(crawler.follow(stop))
        group.create_task(crawler.work(stop))


async def crawl_with_a_pause(crawl: Crawl, height: int) -> None:
    engine, stop = crawl.engine, asyncio.Event()
    async with AsyncExitStack() as opened, asyncio.TaskGroup() as group:
        for _ in range(2):
            one = open_crawler(engine, crawl.network, crawl.settings)
            group.create_task(machine(await opened.enter_async_context(one), stop))
        await until(lambda: blocks(engine) > 20)
        transact(engine, lambda session: orders.pause(session, orders.CRAWL, "Ana", NOW))
        await until(lambda: not claimed(engine))
        held, looked = blocks(engine), seen_at(engine)
        assert held < height
        # the head is still looked at, so that everybody sees how far behind the crawl is
        await until(lambda: seen_at(engine) > looked)
        assert blocks(engine) == held
        transact(engine, lambda session: orders.resume(session, orders.CRAWL, "Ana", NOW))
        await until(lambda: standing(engine).complete)
        stop.set()


def test_all_machines_halt_lose_nothing_and_go_on(
    engine: Engine, tmp_path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("crawler.filler.CHUNK_BLOCKS", 5)
    monkeypatch.setattr("crawler.crawl._IDLE_S", 0.1)
    monkeypatch.setattr(ranges, "RANGE_BLOCKS", 60)
    chain = chain_of(160, **SMALL)
    slowly = {"latency_ms": 20}
    with running(chain, nodes=2, faults={0: slowly, 1: slowly}) as nodes:
        crawl = crawl_of(engine, network_of(chain, tmp_path), nodes.urls)
        crawl.prepare()
        asyncio.run(crawl_with_a_pause(crawl, chain.height))

    assert differences(engine, chain) == {}


def test_a_range_under_way_is_given_back_when_the_crawl_is_paused(
    migrated_sqlite: Engine, chain, network, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("crawler.filler.CHUNK_BLOCKS", 5)

    async def crawl_once() -> None:
        async with open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler:
            await crawler.look()
            crawling = asyncio.create_task(crawler.crawl_one(asyncio.Event()))
            await until(lambda: blocks(migrated_sqlite) > 0)
            transact(crawl.engine, lambda session: orders.pause(session, orders.CRAWL, "Ana", NOW))
            assert await crawling
            assert not await crawler.crawl_one(asyncio.Event())

    with running(chain, faults={0: {"latency_ms": 20}}) as nodes:
        crawl = crawl_of(migrated_sqlite, network, nodes.urls)
        crawl.prepare()
        asyncio.run(crawl_once())

    assert not claimed(migrated_sqlite)
    assert 0 < blocks(migrated_sqlite) <= 40
    with read_session(migrated_sqlite) as session:
        assert orders.paused(session, orders.CRAWL) == Pause("Ana", NOW)
