"""Real processes: workers, a whole machine and the database server killed while they crawl."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import Session

from crawler.check import check
from crawler.database import transact
from crawler.models.work import CRAWL_RANGE, CrawlRange
from crawler.progress import standing
from crawler.ranges import LEASE
from crawler.sandbox.chain import Chain
from crawler.sandbox.running import RunningNetwork, running
from tests.crawler.crawls import SMALL, Crawl, chain_of, crawl_of, differences, network_of
from tests.crawler.faults.own_server import OwnServer, free_port
from tests.crawler.faults.process_tree import kill, kill_all, workers
from tests.crawler.test_command import environment
from tests.databases import engine_of

HEIGHT = 200
SLOWLY = {"latency_ms": 15}
"""A crawl of some seconds, so that there is a half-way."""
PATIENCE_S = 60
OUTAGE_S = 2
"""Longer than crawlers wait between two looks at the database."""


@pytest.fixture
def chain() -> Chain:
    return chain_of(HEIGHT, **SMALL)


@pytest.fixture
def nodes(chain: Chain) -> Iterator[RunningNetwork]:
    with running(chain, nodes=3, faults={0: SLOWLY, 1: SLOWLY, 2: SLOWLY}) as nodes:
        yield nodes


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OwnServer]:
    if os.environ.get("CI_REQUIRE_ALL") != "1" and not OwnServer.is_installed():
        pytest.skip("no mariadbd and mariadb-install-db")
    server = OwnServer(tmp_path)
    server.start()
    yield server
    server.kill()


@dataclass(frozen=True)
class Machine:
    """One `python -m crawler run`."""

    process: subprocess.Popen[str]

    def stop(self) -> str:
        """Ends it as Ctrl-C does; what it told."""
        self.process.send_signal(signal.SIGTERM)
        told = self.process.communicate(timeout=PATIENCE_S)[1]
        assert self.process.returncode == 0
        return told


@contextmanager
def machine(crawl: Crawl, folder: Path) -> Iterator[Machine]:
    """A machine of two workers, until the block ends."""
    settings = {
        "DATABASE_URL": crawl.engine.url.set(query={}).render_as_string(hide_password=False),
        "NETWORK": str(folder / "network.toml"),
        "RPC_NODES": ",".join(crawl.settings.rpc_nodes),
        "RPC_CONCURRENCY": "8",
        "INDEXED_VALIDATORS": "all",
        "CRAWL_WORKERS": "2",
        "METRICS_PORT": str(free_port()),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler", "run"],
        env=environment(**settings),
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield Machine(process)
        finally:
            kill_all(process.pid)


def prepared(database_url: str, nodes: RunningNetwork, folder: Path) -> Crawl:
    """A database with tables, and the crawl into it."""
    crawl = crawl_of(engine_of(database_url), network_of(nodes.chain, folder), nodes.urls)
    crawl.prepare()
    return crawl


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_for_blocks(engine: Engine, share: float) -> None:
    wait_for(lambda: standing(engine).held >= share * HEIGHT)


def wait_for_head(engine: Engine, chain: Chain) -> None:
    def arrived() -> bool:
        now = standing(engine)
        return now.complete and now.expected == chain.height + 1

    wait_for(arrived)


def let_leases_end(engine: Engine) -> None:
    """As if a lease's time had gone by."""

    def age(session: Session) -> None:
        rows = session.execute(select(CRAWL_RANGE.first, CRAWL_RANGE.lease_until)).all()
        for first, until in rows:
            if until is not None:
                earlier = until - LEASE - timedelta(seconds=1)
                row = update(CrawlRange).where(CRAWL_RANGE.first == first)
                session.execute(row.values(lease_until=earlier))

    transact(engine, age)


def assert_true(crawl: Crawl, chain: Chain) -> None:
    """Nothing is missing, nothing is doubled, every figure is the network's own."""
    assert differences(crawl.engine, chain) == {}
    assert check(crawl.engine, crawl.network).faults == []


def test_killed_workers_are_started_again_and_their_ranges_taken_over(
    migrated_sqlite: Engine, nodes: RunningNetwork, tmp_path: Path
):
    url = migrated_sqlite.url.render_as_string()
    crawl = prepared(url, nodes, tmp_path)
    with machine(crawl, tmp_path) as worked:
        for share in (0.1, 0.5):
            wait_for_blocks(crawl.engine, share)
            wait_for(lambda: len(workers(worked.process.pid)) == 2)
            for pid in workers(worked.process.pid):
                kill(pid)
            let_leases_end(crawl.engine)
        nodes.advance(5)
        wait_for_head(crawl.engine, nodes.chain)
        told = worked.stop()

    assert told.count("worker ended, started again") == 4
    assert_true(crawl, nodes.chain)


def test_a_machine_killed_half_way_leaves_nothing_undone(
    server: OwnServer, nodes: RunningNetwork, tmp_path: Path
):
    crawl = prepared(server.url, nodes, tmp_path)
    with machine(crawl, tmp_path) as killed, machine(crawl, tmp_path) as left:
        wait_for_blocks(crawl.engine, 0.5)
        kill_all(killed.process.pid)
        let_leases_end(crawl.engine)
        nodes.advance(5)
        wait_for_head(crawl.engine, nodes.chain)
        told = left.stop()

    assert "Traceback" not in told
    assert_true(crawl, nodes.chain)


def test_a_database_stopped_and_killed_is_waited_for(
    server: OwnServer, nodes: RunningNetwork, tmp_path: Path
):
    crawl = prepared(server.url, nodes, tmp_path)
    with machine(crawl, tmp_path) as worked:
        wait_for_blocks(crawl.engine, 0.2)
        server.stop()
        time.sleep(OUTAGE_S)
        server.start()
        wait_for_blocks(crawl.engine, 0.6)
        server.kill()
        server.start()
        nodes.advance(5)
        wait_for_head(crawl.engine, nodes.chain)
        told = worked.stop()

    assert "database does not answer" in told
    assert "worker ended" not in told
    assert "Traceback" not in told
    assert_true(crawl, nodes.chain)
