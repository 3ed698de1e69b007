"""Answers that parse and still are wrong: they cost the node that gives them, never the crawl."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import DataError
from sqlmodel import Session

from crawler import ranges, state, store
from crawler.check import check
from crawler.crawl import open_crawler
from crawler.database import transact
from crawler.fetch import FetchedBlock, Fetcher, Parent
from crawler.models.chain import BLOCK, Block
from crawler.models.work import CRAWL_RANGE, CRAWL_STATE
from crawler.node.errors import NoNode
from crawler.node.rpc import Node
from crawler.parse.records import BlockReference
from crawler.sandbox.running import running
from tests.crawler.crawls import (
    SMALL,
    SMALL_HEIGHT,
    Crawl,
    chain_of,
    crawl_of,
    differences,
    network_of,
)

Twist = Callable[[dict[str, Any]], None]


def _drop_a_transfer(result: dict[str, Any]) -> None:
    del result["transfers"][-1:]


def _name_a_foreign_transaction(result: dict[str, Any]) -> None:
    for transfer in result["transfers"]:
        for form in transfer.values():
            if "deploy_hash" in form:
                form["deploy_hash"] = "ab" * 32
            elif "transaction_hash" in form:
                form["transaction_hash"] = {"Version1": "ab" * 32}


def _pay_another_era(result: dict[str, Any]) -> None:
    if result["era_summary"] is not None:
        result["era_summary"]["era_id"] += 1


def _issue_too_much(result: dict[str, Any]) -> None:
    value = result["stored_value"]["CLValue"]
    value["parsed"] = str(10**40)
    value.pop("bytes", None)


LIES: dict[str, tuple[str, Twist]] = {
    "a transfer is left out": ("chain_get_block_transfers", _drop_a_transfer),
    "a transfer of another block": ("chain_get_block_transfers", _name_a_foreign_transaction),
    "another era's payout": ("chain_get_era_info_by_switch_block", _pay_another_era),
    "more than can exist": ("query_global_state", _issue_too_much),
}


@pytest.fixture
def lying(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, Twist], None]:
    """Makes one node's answers to one method wrong on their way in."""

    def lie(url: str, method: str, twist: Twist) -> None:
        post = Node._post

        async def twisted(self: Node, content: str) -> bytes:
            body = await post(self, content)
            if self.url != url or json.loads(content)["method"] != method:
                return body
            answer = json.loads(body)
            if "result" in answer:
                twist(answer["result"])
            return json.dumps(answer).encode()

        monkeypatch.setattr(Node, "_post", twisted)

    return lie


@pytest.mark.parametrize(("method", "twist"), LIES.values(), ids=LIES)
def test_a_lie_that_parses_changes_no_row(
    migrated_sqlite: Engine, tmp_path: Path, lying, method: str, twist: Twist
):
    chain = chain_of(SMALL_HEIGHT, **SMALL)
    # the liar is the faster one: it is asked first, again and again
    with running(chain, nodes=2, faults={1: {"latency_ms": 20}}) as nodes:
        lying(nodes.urls[0], method, twist)
        crawl = crawl_of(migrated_sqlite, network_of(chain, tmp_path), nodes.urls)

        crawl.to_head()

    assert differences(migrated_sqlite, chain) == {}


def test_blocks_before_one_that_nobody_can_give_are_stored(
    migrated_sqlite: Engine, tmp_path: Path, lying
):
    chain = chain_of(40, **SMALL)

    def spoil_block_30(result: dict[str, Any]) -> None:
        block = result["block_with_signatures"]["block"]
        if next(iter(block.values()))["header"]["height"] == 30:
            block["Version3"] = block.popitem()[1]

    with running(chain, nodes=1) as nodes:
        lying(nodes.urls[0], "chain_get_block", spoil_block_30)
        crawl = crawl_of(migrated_sqlite, network_of(chain, tmp_path), nodes.urls)
        with pytest.raises(TimeoutError):
            crawl.to_head()

    with migrated_sqlite.connect() as connection:
        held = set(connection.execute(select(BLOCK.height)).scalars())
    assert set(range(30)) <= held
    assert 30 not in held


def test_blocks_are_stored_even_where_it_is_known_at_once_that_nobody_has_the_next(
    migrated_sqlite: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    chain = chain_of(40, **SMALL)
    fetch = Fetcher.fetch

    async def fetch_once(
        self: Fetcher, heights: Sequence[int], parent: Parent | None
    ) -> list[FetchedBlock]:
        if heights[0] > 0:
            raise ExceptionGroup("", [NoNode("chain_get_block", {})])
        return await fetch(self, heights[:10], parent)

    with running(chain, nodes=1) as nodes:
        crawl = crawl_of(migrated_sqlite, network_of(chain, tmp_path), nodes.urls)
        crawl.prepare()
        monkeypatch.setattr(Fetcher, "fetch", fetch_once)
        asyncio.run(_crawl_one(crawl))

    with migrated_sqlite.connect() as connection:
        assert set(connection.execute(select(BLOCK.height)).scalars()) == set(range(10))


def test_a_range_that_the_database_cannot_hold_halts_no_other(
    migrated_sqlite: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    chain = chain_of(40, **SMALL)
    store_blocks = store.store_blocks

    def store_some(session: Session, fetched: Sequence[FetchedBlock], **more: object) -> int:
        if fetched[0].block.height == 0:
            raise DataError("INSERT", {}, Exception("Data too long for column"))
        return store_blocks(session, fetched, **more)

    monkeypatch.setattr(store, "store_blocks", store_some)
    with running(chain, nodes=1) as nodes:
        crawl = crawl_of(migrated_sqlite, network_of(chain, tmp_path), nodes.urls)
        crawl.prepare()
        asyncio.run(_crawl_one(crawl, times=2))

    with migrated_sqlite.connect() as connection:
        assert set(connection.execute(select(BLOCK.height)).scalars()) == set(range(21, 41))
        told = connection.execute(select(CRAWL_RANGE.last_error)).scalar()
        assert told == "Data too long for column"


async def _crawl_one(crawl: Crawl, times: int = 1) -> None:
    async with open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler:
        await crawler.look()
        for _ in range(times):
            assert await crawler.crawl_one(asyncio.Event())


def test_a_held_block_that_the_only_node_contradicts_is_taken_back(
    migrated_sqlite: Engine, tmp_path: Path
):
    chain = chain_of(40, **SMALL)
    with running(chain, nodes=1) as nodes:
        crawl = crawl_of(migrated_sqlite, network_of(chain, tmp_path), nodes.urls)
        crawl.to_head()
        with migrated_sqlite.begin() as connection:
            for height in (38, 39, 40):  # blocks that an upgrade dropped
                other = {"hash": f"{height:064x}", "parent_hash": f"{height - 1:064x}"}
                change = update(Block).where(BLOCK.height == height)
                connection.execute(change.values(other))
        nodes.advance(5)

        crawl.to_head()

    assert check(migrated_sqlite, crawl.network).faults == []
    assert differences(migrated_sqlite, chain) == {}


def _see(crawl: Crawl, height: int) -> None:
    block = _block(height)
    transact(crawl.engine, lambda session: state.note_head(session, block, block.timestamp))


def _block(height: int) -> BlockReference:

    return BlockReference(height, f"{height:064x}", 1, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_head_that_was_far_too_high_is_taken_back_with_its_plan(
    migrated_sqlite: Engine, tmp_path: Path
):
    chain = chain_of(40, **SMALL)
    with running(chain, nodes=1) as nodes:
        crawl = crawl_of(migrated_sqlite, network_of(chain, tmp_path), nodes.urls)
        crawl.prepare()
        _see(crawl, 2**50)

        crawl.to_head()

    with migrated_sqlite.connect() as connection:
        assert connection.execute(select(CRAWL_STATE.planned_to)).scalar() == 40
    assert check(migrated_sqlite, crawl.network).faults == []


def test_a_first_height_above_the_head_can_be_taken_back(migrated_sqlite: Engine, tmp_path: Path):
    chain = chain_of(40, **SMALL)
    with running(chain, nodes=1) as nodes:
        crawl = crawl_of(migrated_sqlite, network_of(chain, tmp_path), nodes.urls)
        crawl.prepare()
        _see(crawl, 40)
        crawl.with_settings(crawl_from=10_000).prepare()

        crawl.to_head()

    assert differences(migrated_sqlite, chain) == {}
    assert ranges.NEWEST_BLOCKS < 40  # the plan had more than one range to lose
