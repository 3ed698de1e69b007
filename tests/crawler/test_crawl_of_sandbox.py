"""A crawl of the sandbox network arrives at the network's own truth, figure by figure."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from crawler.check import check
from crawler.crawl import open_crawler
from crawler.network import Network
from crawler.parse.records import BlockReference
from crawler.progress import standing
from crawler.sandbox.chain import Chain
from crawler.sandbox.running import running
from tests.crawler.crawls import (
    PATIENCE_S,
    SMALL,
    SMALL_HEIGHT,
    Crawl,
    chain_of,
    crawl_of,
    crawl_to_head,
    differences,
    network_of,
)
from tests.databases import dump

HEIGHT = 1040
"""Past the upgrade to 2.0 (era 24, block 480) and both treasuries (eras 30 and 40)."""


def test_every_figure_is_the_networks_own(engine: Engine, tmp_path: Path):
    chain = chain_of(HEIGHT)
    network = network_of(chain, tmp_path)
    with running(chain, nodes=4) as nodes:
        crawl = crawl_of(engine, network, nodes.urls)
        crawl.to_head()

        assert differences(engine, chain) == {}
        assert check(engine, network).faults == []

        nodes.advance(33)
        crawl.to_head()

        assert differences(engine, chain) == {}
        assert check(engine, network).faults == []


def test_crawling_again_changes_nothing(engine: Engine, tmp_path: Path):
    chain = chain_of(SMALL_HEIGHT, **SMALL)
    with running(chain, nodes=2) as nodes:
        crawl = crawl_of(engine, network_of(chain, tmp_path), nodes.urls)
        crawl.to_head()
        before = dump(engine, without=["crawl_state.head_seen_at"])
        crawl.to_head()

        assert dump(engine, without=["crawl_state.head_seen_at"]) == before


@pytest.mark.parametrize(
    "faults",
    [
        {"latency_ms": 20},
        {"delay_qps": 200},
        {"rate_limit": 200},
        {"error_rate": 0.3},
        {"http_status": 503},
        {"down": True},
        {"cut": True},
        {"garbage": True},
        {"null_block": True},
        {"missing_results": True},
        {"behind": 30},
        {"low": 70},
        {"other_chain": True},
        {"dialect": "node-1x"},
    ],
    ids=lambda faults: next(iter(faults)),
)
def test_a_node_with_a_fault_changes_no_row(
    migrated_sqlite: Engine, tmp_path: Path, faults: dict[str, Any]
):
    chain = chain_of(SMALL_HEIGHT, **SMALL)
    network = network_of(chain, tmp_path)
    with running(chain, nodes=3, faults={0: faults}) as nodes:
        crawl_of(migrated_sqlite, network, nodes.urls).to_head()

    assert differences(migrated_sqlite, chain) == {}
    assert check(migrated_sqlite, network).faults == []


@pytest.mark.parametrize("lie", ["hash", "body", "fork"])
def test_a_lying_node_is_quarantined_and_changes_no_row(
    migrated_sqlite: Engine, tmp_path: Path, lie: str
):
    chain = chain_of(SMALL_HEIGHT, **SMALL)
    network = network_of(chain, tmp_path)
    with running(chain, nodes=4, faults={0: {"lie": lie}}) as nodes:
        crawl = crawl_of(migrated_sqlite, network, nodes.urls)
        quarantined = asyncio.run(crawled_and_quarantined(crawl))

    assert quarantined == {nodes.urls[0]}
    assert differences(migrated_sqlite, chain) == {}
    assert check(migrated_sqlite, network).faults == []


async def crawled_and_quarantined(crawl: Crawl) -> set[str]:
    """Crawls to the head; the nodes that are in quarantine then."""
    crawl.prepare()
    async with open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler:
        await crawl_to_head(crawler, crawl.engine)
        return {member.node.url for member in crawler._pool.members if member.quarantined}


def test_a_lone_node_that_fails_now_and_then_is_enough(migrated_sqlite: Engine, tmp_path: Path):
    chain = chain_of(40, **SMALL)
    network = network_of(chain, tmp_path)
    with running(chain, nodes=1, faults={0: {"error_rate": 0.1}}) as nodes:
        crawl_of(migrated_sqlite, network, nodes.urls).to_head()

    assert differences(migrated_sqlite, chain) == {}


def test_a_crawl_goes_on_when_all_nodes_come_back(migrated_sqlite: Engine, tmp_path: Path):
    chain = chain_of(SMALL_HEIGHT, **SMALL)
    network = network_of(chain, tmp_path)

    async def crawl_through_an_outage() -> None:
        async with open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler:
            await crawler.look()
            nodes.set_faults(None, {"down": True})
            crawling = asyncio.create_task(crawl_to_head(crawler, crawl.engine))
            await asyncio.sleep(1.5)
            nodes.set_faults(None, {})
            await crawling

    with running(chain, nodes=2) as nodes:
        crawl = crawl_of(migrated_sqlite, network, nodes.urls)
        crawl.prepare()
        asyncio.run(crawl_through_an_outage())

    assert differences(migrated_sqlite, chain) == {}


def test_nodes_of_another_network_are_told_as_the_reason(migrated_sqlite: Engine, chain, network):
    async def look() -> BlockReference | None:
        async with open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler:
            return await crawler.look()

    with running(chain, faults={0: {"other_chain": True}}) as nodes:
        crawl = crawl_of(migrated_sqlite, network, nodes.urls)
        crawl.prepare()

        assert asyncio.run(look()) is None
    reason = standing(migrated_sqlite).failure
    assert reason.startswith("fewer than 1 usable nodes agree on a head: http://127.0.0.1:")
    assert "follows the network" in reason


def test_a_fork_that_was_stored_is_taken_back_when_most_nodes_contradict_it(
    migrated_sqlite: Engine, tmp_path: Path
):
    chain = chain_of(60, **SMALL)
    network = network_of(chain, tmp_path)
    with running(chain, nodes=3, faults={0: {"lie": "fork", "fork_from": 50}}) as nodes:
        crawl_of(migrated_sqlite, network, nodes.urls[:1]).to_head()
        assert differences(migrated_sqlite, chain) != {}
        nodes.advance(5)
        crawl_of(migrated_sqlite, network, nodes.urls[1:]).to_head()

    assert differences(migrated_sqlite, chain) == {}
    assert check(migrated_sqlite, network).faults == []


def test_blocks_above_the_highest_asked_for_are_left_alone(
    migrated_sqlite: Engine, chain: Chain, network: Network
):
    async def look(highest: int) -> None:
        async with open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler:
            assert (await crawler.look(highest)).height == chain.height

    with running(chain) as nodes:
        crawl = crawl_of(migrated_sqlite, network, nodes.urls)
        crawl.prepare()
        asyncio.run(look(chain.height - 1))
        assert standing(migrated_sqlite).expected == 0
        asyncio.run(look(chain.height))

    assert standing(migrated_sqlite).expected == chain.height + 1


def test_a_crawl_that_is_stopped_gives_its_range_back(
    migrated_sqlite: Engine, chain: Chain, network: Network
):
    async def crawl_stopped() -> bool:
        stop = asyncio.Event()
        async with open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler:
            await crawler.look()
            stop.set()
            return await crawler.crawl_one(stop)

    with running(chain) as nodes:
        crawl = crawl_of(migrated_sqlite, network, nodes.urls)
        crawl.prepare()
        assert asyncio.run(crawl_stopped())
        crawl.to_head()

    assert differences(migrated_sqlite, chain) == {}


def test_follow_and_work_side_by_side_end_when_told_to(
    engine: Engine, chain: Chain, network: Network
):
    async def run_both() -> None:
        stop = asyncio.Event()
        async with (
            asyncio.timeout(PATIENCE_S),
            open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(crawler.follow(stop))
            group.create_task(crawler.work(stop))
            while not standing(engine).complete:  # noqa: ASYNC110 (only the database knows)
                await asyncio.sleep(0.1)
            stop.set()

    with running(chain) as nodes:
        crawl = crawl_of(engine, network, nodes.urls)
        crawl.prepare()
        asyncio.run(run_both())

    assert differences(engine, chain) == {}
