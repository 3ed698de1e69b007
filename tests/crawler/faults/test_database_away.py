"""A database that goes away in the middle of ranges: they go on as soon as it answers again."""

import asyncio
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from crawler import ranges
from crawler.crawl import open_crawler
from crawler.progress import standing
from crawler.sandbox.running import running
from tests.crawler.crawls import SMALL, Crawl, chain_of, crawl_of, differences, network_of
from tests.crawler.faults.own_server import OwnServer
from tests.databases import engine_of

HEIGHT = 160
SLOWLY = {"latency_ms": 20}
RECOVERS_WITHIN_S = 40


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OwnServer]:
    if os.environ.get("CI_REQUIRE_ALL") != "1" and not OwnServer.is_installed():
        pytest.skip("no mariadbd and mariadb-install-db")
    server = OwnServer(tmp_path)
    server.start()
    yield server
    server.kill()


def test_no_range_waits_for_the_end_of_a_lease_that_the_outage_has_left(
    server: OwnServer, tmp_path: Path, hurried: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ranges, "LEASE", timedelta(days=1))
    chain = chain_of(HEIGHT, **SMALL)
    network = network_of(chain, tmp_path)
    with running(chain, nodes=2, faults={0: SLOWLY, 1: SLOWLY}) as nodes:
        crawl = crawl_of(engine_of(server.url), network, nodes.urls)
        crawl.prepare()
        asyncio.run(crawl_through_outages(crawl, server))

    assert differences(crawl.engine, chain) == {}
    crawl.engine.dispose()


async def crawl_through_outages(crawl: Crawl, server: OwnServer) -> None:
    stop = asyncio.Event()
    async with (
        open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler,
        asyncio.TaskGroup() as group,
    ):
        for task in (crawler.follow(stop), crawler.work(stop), crawler.watch_nodes(stop)):
            group.create_task(task)
        for share, end in ((0.2, server.stop), (0.6, server.kill)):
            await held(crawl, share)
            await asyncio.to_thread(end)
            await asyncio.to_thread(server.start)
        await held(crawl, 1)
        stop.set()


async def held(crawl: Crawl, share: float) -> None:
    """Waits until that share of the chain is held, and all of it worked out at the end."""
    async with asyncio.timeout(RECOVERS_WITHIN_S):
        while True:
            try:
                now = await asyncio.to_thread(standing, crawl.engine)
            except DBAPIError:  # the first connection after an outage may be an old one
                continue
            if now.held >= share * (HEIGHT + 1) and (share < 1 or now.complete):
                return
            await asyncio.sleep(0.02)
