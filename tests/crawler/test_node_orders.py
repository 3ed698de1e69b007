"""What each process sees of its nodes is told to operators, and what they want is done."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from crawler import node_orders
from crawler.crawl import Crawler, open_crawler
from crawler.database import read_session, transact
from crawler.node.member import STATES, Wish
from crawler.node_orders import MOST, Ordered, OrderRefused
from crawler.node_watch import NodeWatch, node_gauges
from crawler.sandbox.running import RunningNetwork, running
from tests.crawler.crawls import Crawl, crawl_of, crawl_to_head, differences
from tests.databases import dump

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ORDERED = Ordered("Ana", "it is too slow", NOW)
A, B = "http://a/rpc", "http://b/rpc"
PATIENCE_S = 20


def order(engine: Engine, what: Callable, *arguments: object, **more: object) -> Any:
    return transact(engine, lambda session: what(session, *arguments, **more))


def now_ordered() -> Ordered:
    return Ordered("Ana", "it is too slow", datetime.now(UTC))


def states(engine: Engine) -> dict[str, str]:
    return {row["url"]: row["state"] for row in dump(engine, "node_state")["node_state"]}


@pytest.fixture
def nodes(chain) -> Iterator[RunningNetwork]:
    with running(chain, nodes=3) as nodes:
        yield nodes


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.crawl._WATCH_S", 0.05)


@asynccontextmanager
async def watching(crawl: Crawl) -> AsyncIterator[Crawler]:
    """A crawler that tells of its nodes and looks at them again and again."""
    crawl.prepare()
    stop = asyncio.Event()

    async def look() -> None:
        while not stop.is_set():
            await crawler.look()
            await asyncio.sleep(0.05)

    async with (
        open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler,
        asyncio.TaskGroup() as group,
    ):
        await crawler.look()
        group.create_task(look())
        group.create_task(crawler.watch_nodes(stop))
        try:
            yield crawler
        finally:
            stop.set()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 (only the database knows)
            await asyncio.sleep(0.02)


def test_a_process_tells_what_it_sees_of_each_node_until_it_ends(
    engine: Engine, network, chain, nodes: RunningNetwork
):
    crawl = crawl_of(engine, network, nodes.urls)

    async def watch() -> list[dict]:
        async with watching(crawl):
            await until(
                lambda: all(row["p50_ms"] is not None for row in rows()) and len(rows()) == 3
            )
            return rows()

    def rows() -> list[dict]:
        return dump(engine, "node_state")["node_state"]

    seen = asyncio.run(watch())
    assert {row["url"] for row in seen} == set(nodes.urls)
    for row in seen:
        assert (row["state"], row["height"], row["reactor_state"]) == (
            "in_use",
            chain.height,
            "Validate",
        )
        assert (row["available_low"], row["available_high"]) == (0, chain.height)
        assert row["uptime"] == "1day 2h 3m 4s"
        assert row["calls"] > 0
        assert row["score"] > 0
        assert row["since"] <= row["seen_at"]
    assert rows() == []


@pytest.mark.parametrize(
    ("faults", "state"),
    [
        ({"behind": 30}, "behind"),
        ({"low": 7}, "pruned"),
        ({"down": True}, "unreachable"),
        ({"other_chain": True}, "wrong_chain"),
        ({"catching_up": True}, "catching_up"),
        ({"rate_limit": 1}, "resting"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,
)
def test_what_is_wrong_with_a_node_is_its_state(
    migrated_sqlite: Engine, network, nodes: RunningNetwork, faults: dict, state: str
):
    crawl = crawl_of(migrated_sqlite, network, nodes.urls)
    nodes.set_faults(0, faults)

    async def watch() -> None:
        async with watching(crawl):
            await until(lambda: states(migrated_sqlite).get(nodes.urls[0]) == state)
            assert states(migrated_sqlite)[nodes.urls[1]] == "in_use"

    asyncio.run(watch())


def test_a_liar_is_seen_in_quarantine_and_a_test_does_not_prove_it_honest(
    migrated_sqlite: Engine, network, nodes: RunningNetwork
):
    crawl = crawl_of(migrated_sqlite, network, nodes.urls)
    nodes.set_faults(0, {"lie": "hash"})
    liar = nodes.urls[0]

    async def watch() -> None:
        async with watching(crawl) as crawler:
            await crawl_to_head(crawler, migrated_sqlite)
            await until(lambda: states(migrated_sqlite)[liar] == "quarantined")
            order(migrated_sqlite, node_orders.test, liar, now_ordered())
            member = next(m for m in crawler._pool.members if m.node.url == liar)
            await until(lambda: member.tested_at is not None)
            await asyncio.sleep(0.2)
            assert states(migrated_sqlite)[liar] == "quarantined"

    asyncio.run(watch())


def test_a_banned_node_is_asked_nothing_until_the_ban_is_taken_back(
    migrated_sqlite: Engine, network, chain, nodes: RunningNetwork
):
    crawl = crawl_of(migrated_sqlite, network, nodes.urls)
    banned = nodes.urls[0]

    async def crawl_without() -> None:
        async with watching(crawl) as crawler:
            order(migrated_sqlite, node_orders.ban, banned, now_ordered())
            await until(lambda: states(migrated_sqlite).get(banned) == "banned")
            member = crawler._pool.members[0]
            before = member.calls
            await crawl_to_head(crawler, migrated_sqlite)
            assert member.calls == before
            assert crawler._pool.problems() == {banned: "banned by Ana: it is too slow"}
            assert order(migrated_sqlite, node_orders.take_back, banned, "ban") is True
            await until(lambda: states(migrated_sqlite)[banned] == "in_use")

    asyncio.run(crawl_without())
    assert differences(migrated_sqlite, chain) == {}
    assert order(migrated_sqlite, node_orders.take_back, banned, "ban") is False


def test_a_node_rests_as_long_as_it_is_told_to(
    migrated_sqlite: Engine, network, nodes: RunningNetwork
):
    crawl = crawl_of(migrated_sqlite, network, nodes.urls)
    url = nodes.urls[0]

    async def watch() -> None:
        async with watching(crawl):
            ordered = now_ordered()
            until_then = ordered.at + timedelta(seconds=1)
            order(migrated_sqlite, node_orders.rest, url, ordered, until_then)
            await until(lambda: states(migrated_sqlite).get(url) == "resting")
            await until(lambda: states(migrated_sqlite)[url] == "in_use")
            assert datetime.now(UTC) >= until_then

    asyncio.run(watch())


def test_a_node_that_rests_after_failures_is_tested_at_once(
    migrated_sqlite: Engine, network, nodes: RunningNetwork
):
    crawl = crawl_of(migrated_sqlite, network, nodes.urls)
    url = nodes.urls[0]

    async def watch() -> None:
        nodes.set_faults(0, {"down": True})
        async with watching(crawl) as crawler:
            await until(lambda: states(migrated_sqlite).get(url) == "unreachable")
            crawler._pool.members[0].rests_until += 3600
            nodes.set_faults(0, {})
            order(migrated_sqlite, node_orders.test, url, now_ordered())
            await until(lambda: states(migrated_sqlite)[url] == "in_use")

    asyncio.run(watch())


def test_a_node_added_by_hand_joins_and_leaves_again(
    migrated_sqlite: Engine, network, chain, nodes: RunningNetwork
):
    added = nodes.urls[0]
    crawl = crawl_of(migrated_sqlite, network, nodes.urls[1:])

    async def watch() -> None:
        nodes.set_faults(1, {"down": True})
        nodes.set_faults(2, {"down": True})
        async with watching(crawl) as crawler:
            assert order(migrated_sqlite, node_orders.add, added, now_ordered()) == added
            await until(lambda: states(migrated_sqlite).get(added) == "in_use")
            await crawl_to_head(crawler, migrated_sqlite)
            order(migrated_sqlite, node_orders.take_back, added, "add")
            await until(lambda: added not in crawler._pool.problems())
            await until(lambda: len(crawler._pool.members) == 2)

    asyncio.run(watch())
    assert differences(migrated_sqlite, chain) == {}


def test_a_node_that_is_still_catching_up_is_asked_for_what_it_holds_and_not_for_the_head(
    migrated_sqlite: Engine, network, chain, nodes: RunningNetwork
):
    crawl = crawl_of(migrated_sqlite, network, nodes.urls[:2])
    nodes.set_faults(0, {"catching_up": True, "behind": 30})
    nodes.set_faults(1, {"low": 60})
    crawl.to_head()
    assert differences(migrated_sqlite, chain) == {}

    nodes.set_faults(1, {"down": True})

    async def look() -> tuple[object, tuple[int, int] | None]:
        async with open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler:
            return await crawler.look(), crawler._pool.span()

    assert asyncio.run(look()) == (None, (0, chain.height - 30))
    with read_session(migrated_sqlite) as session:
        failure = dump(migrated_sqlite, "crawl_state")["crawl_state"][0]["failure"]
        session.rollback()
    assert "still catching up (CatchUp)" in failure


# Without any node: the orders themselves.


def test_a_key_in_an_address_is_kept_but_never_shown(engine: Engine):
    shown = order(engine, node_orders.add, "http://a/rpc?key=top-secret", ORDERED)
    assert shown == "http://a/rpc?key=***"
    order(engine, node_orders.ban, shown, ORDERED)

    wishes = order(engine, node_orders.wishes, NOW)
    assert [(wish.url, wish.kind, wish.address) for wish in wishes] == [
        (shown, "add", "http://a/rpc?key=top-secret"),
        (shown, "ban", None),
    ]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://user:top-secret@a/rpc", "has a user name or password in it"),
        ("ftp://a/top-secret", "is no http:// or https:// address"),
        ("http://a/" + "top-secret" * 60, "an address has at most 500 characters"),
        ("http://a/" + "x" * 300, "a node's name has 1 to 250 characters"),
    ],
)
def test_an_address_that_cannot_be_asked_is_refused_in_one_line(
    migrated_sqlite: Engine, address: str, told: str
):
    with pytest.raises(OrderRefused, match=told) as caught:
        order(migrated_sqlite, node_orders.add, address, ORDERED)

    assert "\n" not in str(caught.value)
    assert order(migrated_sqlite, node_orders.wishes, NOW) == []


@pytest.mark.parametrize("reason", ["", " ", "x" * 201, "two\nlines"])
def test_an_order_needs_a_reason_of_one_line(migrated_sqlite: Engine, reason: str):
    with pytest.raises(OrderRefused, match="reason"):
        order(migrated_sqlite, node_orders.ban, A, Ordered("Ana", reason, NOW))


def test_an_order_ends_by_itself_and_can_be_given_anew(engine: Engine):
    until_then = NOW + timedelta(minutes=5)
    order(engine, node_orders.rest, A, ORDERED, until_then)
    order(engine, node_orders.rest, A, ORDERED, until_then + timedelta(minutes=1))

    assert len(order(engine, node_orders.wishes, until_then)) == 1
    assert order(engine, node_orders.wishes, until_then + timedelta(minutes=1)) == []
    with pytest.raises(OrderRefused, match="end before it begins"):
        order(engine, node_orders.rest, A, ORDERED, NOW)


def test_orders_are_no_more_than_every_process_can_read_every_few_seconds(migrated_sqlite: Engine):
    for number in range(MOST):
        order(migrated_sqlite, node_orders.ban, f"http://{number}/", ORDERED, NOW + timedelta(1))
    with pytest.raises(OrderRefused, match="take some back"):
        order(migrated_sqlite, node_orders.ban, A, ORDERED)

    later = Ordered("Ana", "why", NOW + timedelta(2))
    order(migrated_sqlite, node_orders.ban, A, later)
    assert len(dump(migrated_sqlite, "node_order")["node_order"]) == 1


class Seen(NodeWatch):
    """A watch that sees what it is given."""

    def __init__(self, observer: str) -> None:
        self._observer = observer


def row(observer: str, url: str = A, **more: Any) -> dict[str, Any]:
    told = dict.fromkeys(
        (
            "height",
            "available_low",
            "available_high",
            "build_version",
            "protocol_version",
            "next_upgrade",
            "next_upgrade_era",
            "reactor_state",
            "uptime",
            "p50_ms",
            "p95_ms",
            "last_error",
            "last_error_at",
        )
    )
    counted = {"calls": 0, "failures": 0, "in_flight": 0, "allowed": 1, "score": 5}
    state = {"state": "in_use", "since": NOW, "seen_at": NOW}
    return {"url": url, "observer": observer, **told, **counted, **state, **more}


def exchange(engine: Engine, observer: str, now: datetime, *rows: dict[str, Any]) -> list[Wish]:
    return transact(engine, lambda session: Seen(observer).exchange(session, list(rows), now))


def test_rows_that_nobody_writes_any_more_go(engine: Engine):
    later = NOW + timedelta(seconds=61)
    exchange(engine, "killed", NOW, row("killed"), row("killed", B))
    exchange(engine, "lives", NOW, row("lives"))
    exchange(engine, "lives", later, row("lives", seen_at=later))

    left = dump(engine, "node_state")["node_state"]
    assert [(each["observer"], each["seen_at"]) for each in left] == [("lives", later)]


def test_figures_of_nodes_are_summed_over_the_processes(engine: Engine):
    exchange(engine, "one", NOW, row("one", height=7), row("one", B, state="banned", score=0))
    exchange(engine, "two", NOW, row("two", height=9))
    with read_session(engine) as session:
        figures = node_gauges(session)

    assert figures == {
        "crawler_node_state": {
            (("node", A), ("state", "in_use")): 2,
            (("node", B), ("state", "banned")): 1,
        },
        "crawler_node_score": {(("node", A),): 10, (("node", B),): 0},
        "crawler_node_height": {(("node", A),): 9},
    }


def test_every_state_fits_its_column():
    assert max(map(len, STATES)) <= 20
