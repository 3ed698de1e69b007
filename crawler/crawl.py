"""The crawl: claim missing heights, fetch, store, work out. Every process runs the same code.

`follow` keeps to the head and works figures out; `work` fills the past, from CRAWL_FROM up: eras,
depth and supply need everything before them, so in that order each becomes final once and at once.
Both can be stopped or killed at any moment: the lease ends, and someone takes the range over.
"""

import asyncio
import itertools
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlmodel import Session

from crawler import orders, ranges, state, telemetry
from crawler.addresses import shown_url
from crawler.database import connections_in_use, explain, read_session, transact
from crawler.derive.progress import derive, has_work
from crawler.feeds.learnt_nodes import proven_nodes
from crawler.fetch import Fetcher
from crawler.filler import Filler, LostLease
from crawler.network import Network
from crawler.node import events
from crawler.node.client import make_client, make_stream_client
from crawler.node.errors import NoNode
from crawler.node.pool import Pool
from crawler.node_watch import NodeWatch
from crawler.parse.errors import ParseError
from crawler.parse.records import BlockReference
from crawler.ranges import Claim
from crawler.settings import CrawlerSettings
from crawler.settle import Court
from crawler.store import BrokenLink

log = structlog.get_logger(__name__)

Result = TypeVar("Result")
Fault = TypeVar("Fault", bound=Exception)

HEAD_POLL_S = 1.0
_STATUS_POLL_S = 10.0
_WATCH_S = 3.0
"""How often operators are told of the nodes, and their orders are heard."""
_IDLE_S, _LONGEST_IDLE_S = 1.0, 5.0
_LANES = 2
_LEARNT_NODES = 20
_FAULT_PAUSE_S = 2.0
_NEAR_HEAD = 200
"""Ranges that reach this near to the head are the follower's, newest first."""


class Crawler:
    """One process's share of the crawl."""

    def __init__(
        self, engine: Engine, network: Network, settings: CrawlerSettings, pool: Pool
    ) -> None:
        self._engine = engine
        self._network = network
        self._settings = settings
        self._pool = pool
        fetcher = Fetcher(
            pool,
            total_supply_uref=network.total_supply_uref,
            auction_contract=network.auction_contract,
        )
        self._filler = Filler(engine, fetcher, settings.indexed_validators)
        self._court = Court(engine, pool, fetcher, settings.crawl_from, settings.rpc_min_nodes)
        self._heard = asyncio.Event()
        self._all_derived = False
        """The last pass left nothing to do; before the first one nothing is known."""
        # the end of a name tells machines of one kind apart
        self._name = f"{socket.gethostname()[-30:]}:{os.getpid()}:{id(self):x}"
        self._claims = itertools.count()
        self._left: set[str] = set()
        """Owners of claims that ended because the database went away."""

    async def look(self, highest: int | None = None) -> BlockReference | None:
        """Asks the nodes for the head and plans what is missing below it.

        None, with the reason in the crawl's state, while too few nodes agree. Blocks above
        `highest` are left alone.
        """
        await self._pool.refresh(HEAD_POLL_S)
        head = self._pool.trusted_head(self._settings.rpc_min_nodes)
        if head is None:
            reason = _too_few(self._pool, self._settings.rpc_min_nodes)
            await self._write(lambda session: state.note_failure(session, reason))
        elif highest is None or head.height <= highest:
            await self._write(lambda session: state.note_head(session, head, _now()))
        return head

    async def follow(self, stop: asyncio.Event, highest: int | None = None) -> None:
        """Keeps to the head, newest first, and works figures out, until stopped.

        Blocks above `highest` are left alone.
        """
        listening = asyncio.create_task(self._listen())
        try:
            await self._follow(stop, highest)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _follow(self, stop: asyncio.Event, highest: int | None) -> None:
        looked = float("-inf")
        head: BlockReference | None = None
        while not stop.is_set():
            if self._heard.is_set() or time.monotonic() - looked >= HEAD_POLL_S:
                self._heard.clear()
                looked = time.monotonic()
                head = await self._unless_database_is_away(self.look(highest), stop)
            above = head.height - _NEAR_HEAD if head else None
            crawled = above is not None and await self._unless_database_is_away(
                self.crawl_one(stop, above=above), stop
            )
            derived = await self._unless_database_is_away(self.derive(), stop)
            if not (crawled or derived):
                await self._hear(stop, max(looked + HEAD_POLL_S - time.monotonic(), 0.01))

    async def _listen(self) -> None:
        """Hears of new blocks from event streams, for ever, and wakes `follow`."""
        urls = self._settings.rpc_event_urls
        # a client of their own: streams stay open, and would take the connections of calls
        async with (
            make_stream_client(self._settings.rpc_timeout) as client,
            asyncio.TaskGroup() as group,
        ):
            for url in urls:
                group.create_task(events.listen(client, url, self._heard.set))

    async def work(self, stop: asyncio.Event) -> None:
        """Fills the past, lowest first, until stopped.

        Two ranges at a time: one is fetched while the other's last blocks are stored.
        """
        await self._pool.refresh()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_statuses(stop))
            for _ in range(_LANES):
                group.create_task(self._fill(stop))

    async def _fill(self, stop: asyncio.Event) -> None:
        idle_s = _IDLE_S
        while not stop.is_set():
            if await self._unless_database_is_away(self.crawl_one(stop), stop):
                idle_s = _IDLE_S
            else:
                await _sleep(stop, idle_s)
                idle_s = min(1.2 * idle_s, _LONGEST_IDLE_S)

    async def _keep_statuses(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await _sleep(stop, _STATUS_POLL_S)
            await self._pool.refresh()

    async def watch_nodes(self, stop: asyncio.Event) -> None:
        """Tells operators of the nodes and does what they want with them, until stopped."""
        watch = NodeWatch(self._pool, self._name)
        while not stop.is_set():
            rows, now = watch.rows(_now()), _now()
            exchange = partial(watch.exchange, rows=rows, now=now)
            # whoever needs the database for the crawl itself tells that it is away
            with suppress(DBAPIError):
                self._pool.obey(await self._write(exchange), now)
            telemetry.note_process(connections_in_use(self._engine))
            await _sleep(stop, _WATCH_S)
        with suppress(DBAPIError):
            await self._write(watch.forget)

    async def _hear(self, stop: asyncio.Event, seconds: float) -> None:
        """Sleeps until a node tells of a new block, the crawl is stopped, or the time is up."""
        heard = asyncio.create_task(self._heard.wait())
        await _sleep(stop, seconds, heard)
        heard.cancel()

    async def derive(self) -> bool:
        """One pass over the derived figures; whether there is more to do."""
        # at the head every second comes by here: a pass is a dozen questions under a lock
        if self._all_derived and not await asyncio.to_thread(has_work, self._engine):
            return False
        with telemetry.DERIVE_SECONDS.time():
            derived = await asyncio.to_thread(derive, self._engine, self._network)
        self._all_derived = not derived.more
        telemetry.ERAS_DERIVED.inc(len(derived.eras))
        return derived.more

    async def crawl_one(self, stop: asyncio.Event, *, above: int | None = None) -> bool:
        """Claims one range and crawls it; False when there was none to claim.

        Where the database goes away, the range is given back before the next one is claimed.
        """
        await self._give_back()
        span = self._pool.span()
        if span is None:
            return False  # claiming what nobody can be asked for would only spoil the ranges
        owner = f"{self._name}:{next(self._claims)}"
        try:
            claimed = await self._write(partial(_claim, owner=owner, span=span, above=above))
            if claimed is not None:
                await self._crawl_claimed(claimed, stop)
        except* DBAPIError:
            self._left.add(owner)  # even where the claim itself failed: it may have been kept
            raise
        return claimed is not None

    async def _give_back(self) -> None:
        """Frees at once what would else wait for the end of its lease."""
        if self._left:
            owners = frozenset(self._left)
            await self._write(lambda session: ranges.give_back(session, owners))
            self._left -= owners

    async def _crawl_claimed(self, claimed: Claim, stop: asyncio.Event) -> None:
        error, lost = None, False
        try:
            await self._filler.fill(claimed, stop)
        # what the database cannot hold is these blocks' fault: other ranges go on meanwhile
        except* (NoNode, ParseError, BrokenLink, DataError, IntegrityError) as group:
            error = _first(group)
        except* LostLease as group:
            log.info("range taken over by another worker", reason=str(_first(group)))
            lost = True
        if lost:
            return
        if isinstance(error, BrokenLink):
            await self._court.settle(error.height)
        await self._write(lambda session: _close(session, claimed, error))

    async def _write(self, change: Callable[[Session], Result]) -> Result:
        return await asyncio.to_thread(transact, self._engine, change)

    async def _unless_database_is_away(
        self, doing: Awaitable[Result], stop: asyncio.Event
    ) -> Result | None:
        try:
            return await doing
        except* DBAPIError as group:
            error = _first(group)
            log.warning("database does not answer", reason=explain(error, self._engine))
            await _sleep(stop, _FAULT_PAUSE_S)
        return None


@asynccontextmanager
async def open_crawler(
    engine: Engine, network: Network, settings: CrawlerSettings, *, share: int = 1
) -> AsyncIterator[Crawler]:
    """A crawler with its own connections; RPC_CONCURRENCY is divided by `share` processes."""
    concurrency = max(settings.rpc_concurrency // share, 1)
    urls = await asyncio.to_thread(_nodes, engine, network, settings)
    async with make_client(settings.rpc_timeout, concurrency) as client:
        pool = Pool(urls, client, chain=network.name, concurrency=concurrency)
        try:
            yield Crawler(engine, network, settings, pool)
        finally:
            pool.close()


def _nodes(engine: Engine, network: Network, settings: CrawlerSettings) -> list[str]:
    """The nodes that are set, and those of their peers that have proved themselves."""
    urls = list(settings.rpc_nodes or network.rpc_nodes)
    if settings.rpc_learn_nodes != "off":
        with read_session(engine) as session:
            urls += proven_nodes(session, settings.rpc_learn_nodes)[:_LEARNT_NODES]
    return list(dict.fromkeys(urls))


def _claim(session: Session, owner: str, span: tuple[int, int], above: int | None) -> Claim | None:
    if orders.is_paused(session, orders.CRAWL):
        return None
    return ranges.claim(session, owner, _now(), span=span, above=above)


def _close(session: Session, claimed: Claim, error: Exception | None) -> None:
    if error is None and ranges.finish(session, claimed):
        return
    reason = None
    if error is not None:
        # a statement and its values are no reason
        reason = str(error.orig if isinstance(error, DBAPIError) else error)
        telemetry.RANGES_FAILED.labels(type(error).__name__).inc()
        log.warning("range not crawled", first=claimed.first, last=claimed.last, reason=reason)
    ranges.release(session, claimed, error=reason, now=_now())


def _too_few(pool: Pool, min_nodes: int) -> str:
    told = "; ".join(f"{shown_url(url)}: {reason}" for url, reason in pool.headless().items())
    return f"fewer than {min_nodes} usable nodes agree on a head: {told or 'no node is set'}"


def _first(group: BaseExceptionGroup[Fault]) -> Fault:
    """The first error of a group, however deep it is nested."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _now() -> datetime:
    return datetime.now(UTC)


async def _sleep(stop: asyncio.Event, seconds: float, *or_until: asyncio.Task[Any]) -> None:
    stopped: asyncio.Task[Any] = asyncio.create_task(stop.wait())
    await asyncio.wait({stopped, *or_until}, timeout=seconds, return_when="FIRST_COMPLETED")
    stopped.cancel()
