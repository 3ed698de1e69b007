"""`crawler run`: the crawl of this machine from start to stop, once or for ever."""

import asyncio
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from crawler import schema, state, telemetry
from crawler.crawl import open_crawler
from crawler.database import DatabaseUnusable, explain, read_session, transact
from crawler.derive.progress import ensure_first_publication
from crawler.jobs import jobs
from crawler.models import CRAWL_RANGE
from crawler.network import Network
from crawler.parse.records import BlockReference
from crawler.progress import Display, gauges, show, standing
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
    try:
        return _crawl_once(engine, network, settings)
    except DBAPIError as error:
        raise DatabaseUnusable(explain(error, engine)) from error


def _crawl_once(engine: Engine, network: Network, settings: CrawlerSettings) -> BlockReference:
    head = asyncio.run(_first_look(engine, network, settings))
    if head.height < settings.crawl_from:
        raise CrawlFailed(
            f"the head is block {head.height}, below CRAWL_FROM={settings.crawl_from}"
        )
    progress, since = -1, time.monotonic()
    with crawling(engine, network, settings, highest=head.height), closing(Display()) as display:
        while True:
            time.sleep(_SHOW_S / 4)
            now = standing(engine)
            display.show(now)
            if now.complete:
                break
            if now.held > progress:
                progress, since = now.held, time.monotonic()
            elif time.monotonic() - since > _STANDSTILL_S:
                raise CrawlFailed(_why(engine, now.held, now.expected))
    return head


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


def _why(engine: Engine, held: int, expected: int) -> str:
    with read_session(engine) as session:
        question = select(CRAWL_RANGE.first, CRAWL_RANGE.last, CRAWL_RANGE.last_error)
        stuck = session.execute(
            question.where(CRAWL_RANGE.last_error.is_not(None)).order_by(CRAWL_RANGE.first).limit(1)
        ).first()
    told = f": blocks {stuck.first} to {stuck.last}: {stuck.last_error}" if stuck else ""
    return f"{expected - held} of {expected} blocks still missing and none came for 90 s{told}"
