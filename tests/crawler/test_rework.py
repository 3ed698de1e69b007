"""What operators order: eras worked out anew, blocks fetched again, repair; progress and cancel."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select, update

from crawler import job_run, orders, rework
from crawler.crawl import open_crawler
from crawler.database import read_session, transact
from crawler.job_run import Cancelled, OrderImpossible, Run
from crawler.models.chain import BLOCK, Block
from crawler.models.figures import ERA, ERA_TOUCH, Era
from crawler.models.work import JOB_RUN
from crawler.network import Network
from crawler.orders import Span
from crawler.sandbox.chain import Chain
from crawler.sandbox.running import running
from tests.crawler import storing
from tests.crawler.crawls import Crawl, crawl_of, differences
from tests.crawler.waiting import wait_until

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_run, "_TELL_S", 0)


@pytest.fixture(autouse=True)
def quick_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.crawl._WATCH_S", 0.1)
    monkeypatch.setattr(rework, "_POLL_S", 0.05)


def begun(engine: Engine, name: str, span: Span | None = None) -> Run:
    """A run that the timetable has begun."""

    def begin(session) -> None:
        if span is not None:
            orders.run_now(session, name, "Ana", NOW, span)
        job_run.begin(session, name, "machine", NOW)

    transact(engine, begin)
    return Run(engine, name, NOW, span)


def progress(engine: Engine, name: str) -> tuple[str | None, int | None]:
    question = select(JOB_RUN.progress, JOB_RUN.percent).where(JOB_RUN.name == name)
    with read_session(engine) as session:
        return tuple(session.execute(question).one())


def falsify(engine: Engine, *eras: int) -> None:
    transact(engine, lambda s: s.execute(update(Era).where(ERA.id.in_(eras)).values(staked=1)))


@contextmanager
def crawling(crawl: Crawl) -> Iterator[None]:
    """Workers that follow and fill, as in life, until the block ends."""
    ready, ended = threading.Event(), threading.Event()

    async def work() -> None:
        stop = asyncio.Event()
        async with (
            open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler,
            asyncio.TaskGroup() as group,
        ):
            await crawler.look()
            tasks = crawler.follow(stop), crawler.work(stop), crawler.watch_nodes(stop)
            for task in tasks:
                group.create_task(task)
            await asyncio.sleep(0.3)
            ready.set()
            await asyncio.to_thread(ended.wait)
            stop.set()

    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    try:
        assert ready.wait(20)
        yield
    finally:
        ended.set()
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def crawl(filled_sqlite: Engine, network: Network, chain: Chain) -> Iterator[Crawl]:
    """Everything held and worked out, and workers that go on."""
    with running(chain, nodes=2) as nodes:
        crawl = crawl_of(filled_sqlite, network, nodes.urls)
        with crawling(crawl):
            yield crawl


def test_ordered_eras_are_worked_out_anew_and_no_others(
    engine: Engine, network: Network, fetched, chain: Chain
):
    storing.fill(engine, network, fetched)
    falsify(engine, 3, 5, 9)
    run = begun(engine, "recompute", Span(2, 5))

    assert rework.recompute(engine, network, run) == "4 eras worked out anew"
    wrong = differences(engine, chain)
    assert wrong.keys() == {"era"}
    assert wrong["era"][0]["id"] == 9


def test_a_cancelled_recomputation_leaves_the_other_eras_as_they_were(
    filled_sqlite: Engine, network: Network, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("crawler.derive.eras.ERAS_A_PASS", 4)
    monkeypatch.setattr("crawler.derive.progress.ERAS_A_PASS", 4)
    run = begun(filled_sqlite, "recompute", Span(0, 20))
    transact(filled_sqlite, lambda session: orders.cancel(session, "recompute", "Ana", NOW))
    with pytest.raises(Cancelled, match="4 of 21 eras, up to era 3"):
        rework.recompute(filled_sqlite, network, run)

    with read_session(filled_sqlite) as session:
        assert session.execute(select(ERA_TOUCH.era_id).where(ERA_TOUCH.stale)).all() == []


def test_what_is_stored_while_a_recomputation_is_cancelled_is_worked_out(
    filled_sqlite: Engine,
):
    touched = transact(filled_sqlite, lambda session: rework._touch(session, [1, 2]))
    transact(filled_sqlite, lambda session: rework.touch_eras(session, [2]))
    transact(filled_sqlite, lambda session: rework._leave(session, touched))

    assert rework._stale(filled_sqlite, Span(0, 9)) == [2]


def test_ordered_blocks_are_fetched_again(crawl: Crawl, chain: Chain):
    wrong = update(Block).where(BLOCK.height.in_([40, 41])).values(deploys=77)
    transact(crawl.engine, lambda session: session.execute(wrong))
    run = begun(crawl.engine, "recrawl", Span(30, 10_000))

    told = rework.recrawl_span(crawl.engine, crawl.network, run)
    rework._await_crawl(crawl.engine, run)

    assert told == f"blocks 30 to {chain.height} fetched again"
    assert differences(crawl.engine, chain) == {}


def test_blocks_that_no_node_in_use_holds_are_not_taken_back(
    filled_sqlite: Engine, network: Network, chain: Chain
):
    run = begun(filled_sqlite, "recrawl", Span(3, 9))
    with pytest.raises(OrderImpossible, match="no node in use holds block 3"):
        rework.recrawl_span(filled_sqlite, network, run)

    assert differences(filled_sqlite, chain) == {}


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (None, "recrawl needs to be told from where to where"),
        (Span(9, 3), "recrawl needs to be told"),
        (Span(9000, 9001), "no block of 9000 to 9001 is crawled here"),
    ],
)
def test_an_order_that_makes_no_sense_is_told_in_one_line(
    filled_sqlite: Engine, network: Network, span: Span | None, told: str
):
    with pytest.raises(OrderImpossible, match=told):
        rework.recrawl_span(filled_sqlite, network, Run(filled_sqlite, "recrawl", NOW, span))


def test_a_recrawl_waits_while_the_crawl_is_paused_and_says_so(crawl: Crawl):
    transact(crawl.engine, lambda session: orders.pause(session, orders.CRAWL, "Bo", NOW))
    run = begun(crawl.engine, "recrawl", Span(30, 39))
    ending: list[object] = []

    def work() -> None:
        try:
            ending.append(rework.recrawl_span(crawl.engine, crawl.network, run))
        except Cancelled as cancelled:
            ending.append(str(cancelled))

    thread = threading.Thread(target=work)
    thread.start()
    expected = "0 of 10 blocks held again; the crawl is paused by Bo"
    wait_until(lambda: progress(crawl.engine, "recrawl") == (expected, 0))
    transact(crawl.engine, lambda session: orders.cancel(session, "recrawl", "Ana", NOW))
    thread.join(20)

    assert ending == [expected]


def test_repair_mends_what_check_faults_while_the_crawl_goes_on(crawl: Crawl, chain: Chain):
    wrong = update(Block).where(BLOCK.height == 40).values(hash="ab" * 32)
    transact(crawl.engine, lambda session: session.execute(wrong))
    run = begun(crawl.engine, "repair")

    assert rework.repair_all(crawl.engine, crawl.network, run).endswith("found and mended")
    assert differences(crawl.engine, chain) == {}
    assert rework.repair_all(crawl.engine, crawl.network, run) == "no fault found"
