"""Blocks in any order, in any batches, with crashes anywhere: the same rows at the end."""

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import Engine

from crawler.check import check
from crawler.database import transact, write_session
from crawler.derive.progress import derive
from crawler.fetch import FetchedBlock
from crawler.network import Network
from crawler.ranges import Claim
from crawler.recrawl import recrawl
from tests.crawler import storing
from tests.crawler.storing import START, crash_at
from tests.databases import Rows, empty, engine_of

FIRST_HEAD = 9
CRASHES = st.none() | st.integers(0, 25)
"""The number of the statement that is not executed any more."""
OWNERS = st.sampled_from(["a", "b"])


class Crawling(RuleBasedStateMachine):
    """Two workers and one who derives, on the database that `new_engine` makes."""

    def __init__(
        self,
        new_engine: Callable[[], Engine],
        network: Network,
        fetched: Sequence[FetchedBlock],
        right: Rows,
    ) -> None:
        super().__init__()
        self.engine = new_engine()
        self.network = network
        self.fetched = fetched
        self.right = right
        self.head = FIRST_HEAD
        self.now = START
        self.claims: dict[str, Claim] = {}
        storing.begin(self.engine, network)
        storing.see_head(self.engine, fetched[self.head])

    @rule(blocks=st.integers(1, 30), crash=CRASHES)
    def head_moves(self, blocks: int, crash: int | None) -> None:
        self.head = min(self.head + blocks, len(self.fetched) - 1)
        with crash_at(self.engine, crash):
            storing.see_head(self.engine, self.fetched[self.head], self.now)

    @rule(owner=OWNERS, newest=st.booleans(), crash=CRASHES)
    def claim(self, owner: str, newest: bool, crash: int | None) -> None:
        above = {"above": 0} if newest else {}
        with crash_at(self.engine, crash):
            claimed = storing.claim(self.engine, owner, self.now, **above)
            if claimed is not None:
                self.claims[owner] = claimed

    @rule(owner=OWNERS, part=st.data(), crash=CRASHES)
    def store(self, owner: str, part: st.DataObject, crash: int | None) -> None:
        if owner not in self.claims:
            return
        heights = list(self.claims[owner].heights)
        chosen = part.draw(st.sets(st.sampled_from(heights), min_size=1))
        with crash_at(self.engine, crash):
            storing.store(self.engine, [self.fetched[height] for height in sorted(chosen)])

    @rule(owner=OWNERS, crash=CRASHES)
    def finish(self, owner: str, crash: int | None) -> None:
        if owner in self.claims:
            with crash_at(self.engine, crash):
                storing.finish(self.engine, self.claims[owner])

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(crash=CRASHES)
    def derive(self, crash: int | None) -> None:
        with crash_at(self.engine, crash):
            derive(self.engine, self.network)

    @rule(where=st.data(), crash=CRASHES)
    def take_back(self, where: st.DataObject, crash: int | None) -> None:
        first = where.draw(st.integers(0, self.head))
        last = where.draw(st.integers(first, min(first + 6, self.head)))
        with crash_at(self.engine, crash):
            transact(self.engine, partial(recrawl, first=first, last=last))

    def teardown(self) -> None:
        storing.see_head(self.engine, self.fetched[-1])
        storing.complete(self.engine, self.network, self.fetched)

        assert storing.figures(self.engine) == self.right
        assert check(self.engine, self.network).faults == []
        self.engine.dispose()


@pytest.fixture(scope="session")
def blocks(fetched: list[FetchedBlock]) -> list[FetchedBlock]:
    return fetched[:50]


@pytest.fixture(scope="session")
def right(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory, network: Network, blocks
) -> Rows:
    """The rows that an undisturbed crawl in order comes to."""
    path = shutil.copy(migrated_file, tmp_path_factory.mktemp("right") / "right.db")
    engine = engine_of(f"sqlite:///{path}")
    storing.fill(engine, network, blocks)
    rows = storing.figures(engine)
    engine.dispose()
    return rows


def run_machine(make: Callable[[], Crawling], *, examples: int) -> None:
    run_state_machine_as_test(
        make,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_order_and_any_crash_come_to_the_same_rows(
    migrated_file: Path, tmp_path: Path, network: Network, blocks, right
):
    def new_engine() -> Engine:
        return engine_of(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'order.db')}")

    run_machine(lambda: Crawling(new_engine, network, blocks, right), examples=25)


@pytest.mark.mysql
def test_any_order_and_any_crash_come_to_the_same_rows_on_a_server(
    migrated_mysql: Engine, network: Network, blocks, right
):
    def new_engine() -> Engine:
        empty(migrated_mysql)
        return migrated_mysql

    run_machine(lambda: Crawling(new_engine, network, blocks, right), examples=4)


def test_workers_on_the_same_heights_at_once_come_to_the_same_rows(
    engine: Engine, network: Network, blocks, right
):
    storing.begin(engine, network)
    storing.see_head(engine, blocks[-1])
    batches = [blocks[start : start + 7] for start in range(0, len(blocks), 7)]

    def work(order: list[list[FetchedBlock]]) -> None:
        for batch in order:
            storing.store(engine, batch)
            derive(engine, network)

    with ThreadPoolExecutor() as workers:
        for done in [workers.submit(work, order) for order in (batches, batches[::-1], batches)]:
            done.result()
    storing.complete(engine, network, blocks)

    assert storing.figures(engine) == right
    assert check(engine, network).faults == []


def test_a_range_is_not_dropped_while_a_block_of_it_is_taken_back(
    engine: Engine, network: Network, blocks
):
    storing.begin(engine, network)
    storing.see_head(engine, blocks[9])
    storing.store(engine, blocks[:10])
    claimed = storing.claim(engine, "a", START)

    with ThreadPoolExecutor() as other, write_session(engine) as session:
        recrawl(session, 5, 5)
        finishing = other.submit(storing.finish, engine, claimed)
        with pytest.raises(TimeoutError):
            finishing.result(timeout=0.3)
        session.commit()

        assert finishing.result() is False
    assert storing.claim(engine, "b", START + timedelta(minutes=2)).heights == range(10)


def test_a_range_that_was_planned_longer_since_is_not_dropped_by_its_old_owner(
    migrated_sqlite: Engine, network: Network, blocks
):
    engine = migrated_sqlite
    storing.begin(engine, network)
    storing.see_head(engine, blocks[9])
    storing.store(engine, blocks[:10])
    claimed = storing.claim(engine, "slow", START)
    assert storing.finish(engine, claimed)
    storing.see_head(engine, blocks[19])
    storing.store(engine, blocks[10:20])
    assert storing.finish(engine, storing.claim(engine, "quick", START))
    transact(engine, partial(recrawl, first=0, last=19))
    storing.store(engine, blocks[:10])
    storing.finish(engine, claimed)

    assert storing.claim(engine, "quick", START).heights == range(20)
