"""`crawler run`: the crawl of this machine from start to stop, once or for ever."""

import asyncio
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import structlog
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from crawler import orders, schema, state, telemetry
from crawler.crawl import open_crawler
from crawler.database import DatabaseUnusable, explain, read_session, transact
from crawler.derive.progress import ensure_first_publication
from crawler.jobs import jobs
from crawler.models.figures import DERIVE_STATE, ERA_TOUCH, EraTouch
from crawler.models.table import table_of
from crawler.models.work import CRAWL_RANGE
from crawler.network import Network
from crawler.parse.records import BlockReference
from crawler.progress import Display, Standing, gauges, show, standing
from crawler.settings import CrawlerSettings, SettingsError
from crawler.staging import remove_remains
from crawler.timetable import Timetable
from crawler.workers import Workers

log = structlog.get_logger(__name__)

_SHOW_S = 1.0
_WATCH_S = 2
_HEAD_PATIENCE_S = 10.0
_STANDSTILL_S = 90.0


class CrawlFailed(Exception):
    """A crawl that was to end by itself cannot; the message is one line that says why."""


def prepare(engine: Engine, network: Network, settings: CrawlerSettings) -> None:
    """Brings schema and state to where workers can start.

    Raises DatabaseUnusable, or SettingsError when there is no node to ask.
    """
    if not (settings.rpc_nodes or network.rpc_nodes):
        raise SettingsError(
            f"RPC_NODES: empty, and the network {network.name!r} names no nodes of its own;"
            " give JSON-RPC addresses: http://HOST:7777/rpc"
        )
    schema.upgrade(engine)
    try:
        remove_remains(engine)
        transact(engine, partial(_open, network=network, crawl_from=settings.crawl_from))
    except DBAPIError as error:
        raise DatabaseUnusable(explain(error, engine)) from error


@contextmanager
def crawling(
    engine: Engine, network: Network, settings: CrawlerSettings, *, highest: int | None = None
) -> Iterator[None]:
    """Workers and the timetable of the other jobs, until the block ends.

    With `highest` the workers alone, and only for blocks up to there.
    """
    telemetry.share()
    workers = Workers(settings, highest=highest)
    timetable = Timetable(engine, [] if highest is not None else jobs(engine, network, settings))
    timetable.scheduler.add_job(workers.watch, "interval", seconds=_WATCH_S, id="workers")
    workers.watch()
    timetable.scheduler.start()
    try:
        yield
    finally:
        timetable.scheduler.shutdown(wait=False)
        workers.stop()
        timetable.give_up()


@contextmanager
def answering_metrics(engine: Engine, settings: CrawlerSettings) -> Iterator[None]:
    """`/metrics` and `/healthz` on METRICS_PORT until the block ends.

    Raises SettingsError when the port cannot be used.
    """
    try:
        server = telemetry.metrics_server(
            settings.metrics_port, settings.metrics_token, partial(gauges, engine)
        )
    except OSError as error:
        raise SettingsError(
            f"METRICS_PORT: {settings.metrics_port} cannot be used: {error.strerror}"
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def run_for_ever(engine: Engine, network: Network, settings: CrawlerSettings) -> None:
    """Crawls until SIGINT or SIGTERM."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with (
        answering_metrics(engine, settings),
        crawling(engine, network, settings),
        closing(Display()) as display,
    ):
        while not stop.wait(_SHOW_S):
            show(display, engine)


def run_once(engine: Engine, network: Network, settings: CrawlerSettings) -> BlockReference:
    """Crawls to the head that the nodes report now and completes the eras; that head.

    Raises CrawlFailed with the reason when it cannot, SettingsError when it never could.
    """
    if settings.crawl_workers == 0:
        raise SettingsError("CRAWL_WORKERS: 0 leaves nobody to crawl; 1 or more are needed here")
    head = asyncio.run(_first_look(engine, network, settings))
    if head.height < settings.crawl_from:
        raise CrawlFailed(
            f"the head is block {head.height}, below CRAWL_FROM={settings.crawl_from}"
        )
    with crawling(engine, network, settings, highest=head.height), closing(Display()) as display:
        _watch_until_complete(engine, display)
    return head


def _watch_until_complete(engine: Engine, display: Display) -> None:
    furthest: Progress | None = None
    since = time.monotonic()
    while not (now := standing(engine)).complete:
        display.show(now)
        with read_session(engine) as session:
            progress = Progress.of(session, now)
            if progress.missing and orders.is_paused(session, orders.CRAWL):
                raise CrawlFailed("the crawl is paused by an order")
            if furthest is None or progress.is_beyond(furthest):
                furthest, since = progress, time.monotonic()
            elif time.monotonic() - since > _STANDSTILL_S:
                told = f"{progress.left()}{_stuck(session)}"
                raise CrawlFailed(f"nothing came for {_STANDSTILL_S:.0f} s: {told}")
        time.sleep(_SHOW_S / 4)
    display.show(now)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a crawl is, blocks and figures."""

    held: int
    expected: int
    stale_eras: int
    depth_to: int

    @classmethod
    def of(cls, session: Session, now: Standing) -> "Progress":
        """Reads ix_era_touch_stale and the row of `derive_state`."""
        stale = select(func.count()).select_from(table_of(EraTouch)).where(ERA_TOUCH.stale)
        return cls(
            now.held,
            now.expected,
            session.execute(stale).scalar_one(),
            session.execute(select(DERIVE_STATE.depth_to)).scalar_one(),
        )

    @property
    def missing(self) -> int:
        """Blocks that are not held."""
        return self.expected - self.held

    def is_beyond(self, other: "Progress") -> bool:
        """Whether anything came since; what is taken back and comes again is none."""
        return (
            self.held > other.held
            or self.stale_eras < other.stale_eras
            or self.depth_to > other.depth_to
        )

    def left(self) -> str:
        """For people: what is waited for."""
        if self.missing:
            return f"{self.missing} of {self.expected} blocks are missing"
        if self.stale_eras:
            return f"every block is held, {self.stale_eras} eras are not worked out"
        return f"every block is held, transfers' depths are worked out to block {self.depth_to}"


def _open(session: Session, network: Network, crawl_from: int) -> None:
    state.open_crawl(session, network.name, crawl_from)
    ensure_first_publication(session, network, datetime.now(UTC))


async def _first_look(
    engine: Engine, network: Network, settings: CrawlerSettings
) -> BlockReference:
    deadline = time.monotonic() + _HEAD_PATIENCE_S
    async with open_crawler(engine, network, settings) as crawler:
        while (head := await crawler.look()) is None:
            if time.monotonic() > deadline:
                raise CrawlFailed(standing(engine).failure or "no node answers")
            await asyncio.sleep(_SHOW_S)
    return head


def _stuck(session: Session) -> str:
    """Why the lowest range that failed last time did; empty: none did."""
    question = select(CRAWL_RANGE.first, CRAWL_RANGE.last, CRAWL_RANGE.last_error)
    failed = session.execute(
        question.where(CRAWL_RANGE.last_error.is_not(None)).order_by(CRAWL_RANGE.first).limit(1)
    ).first()
    return f"; blocks {failed.first} to {failed.last}: {failed.last_error}" if failed else ""
