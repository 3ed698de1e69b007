"""The crawl: claim missing heights, fetch, store, work out. Every process runs the same code.

`follow` keeps to the head and works figures out; `work` fills the past, from CRAWL_FROM up: eras,
depth and supply need everything before them, so in that order each becomes final once and at once.
Both can be stopped or killed at any moment: the lease ends, and someone takes the range over.
"""

import asyncio
import os
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from crawler import orders, ranges, state, store, telemetry
from crawler.addresses import shown_url
from crawler.database import explain, read_session, transact
from crawler.derive.progress import derive
from crawler.feeds.learnt_nodes import proven_nodes
from crawler.fetch import FetchedBlock, Fetcher, Parent
from crawler.models.chain import BLOCK
from crawler.network import Network
from crawler.node import events
from crawler.node.client import make_client
from crawler.node.errors import NoNode
from crawler.node.pool import Pool
from crawler.parse.errors import ParseError
from crawler.parse.records import BlockReference
from crawler.ranges import Claim
from crawler.recrawl import recrawl
from crawler.settings import CrawlerSettings
from crawler.store import BrokenLink

log = structlog.get_logger(__name__)

Result = TypeVar("Result")
Fault = TypeVar("Fault", bound=Exception)

CHUNK_BLOCKS = 50
"""Blocks in flight and in one transaction: a few thousand rows even when they are busy."""
HEAD_POLL_S = 1.0
_STATUS_POLL_S = 10.0
_IDLE_S = 1.0
_LANES = 2
_LEARNT_NODES = 20
_FAULT_PAUSE_S = 2.0
_NEAR_HEAD = 200
"""Ranges that reach this near to the head are the follower's, newest first."""


class LostLease(Exception):
    """Another worker has the range by now: what is fetched of it is theirs to store."""


class Crawler:
    """One process's share of the crawl."""

    def __init__(
        self, engine: Engine, network: Network, settings: CrawlerSettings, pool: Pool
    ) -> None:
        self._engine = engine
        self._network = network
        self._settings = settings
        self._pool = pool
        self._fetcher = Fetcher(
            pool,
            total_supply_uref=network.total_supply_uref,
            auction_contract=network.auction_contract,
        )
        self._heard = asyncio.Event()
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{id(self):x}"[:64]

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
        looked = 0.0
        head: BlockReference | None = None
        while not stop.is_set():
            if self._heard.is_set() or time.monotonic() - looked >= HEAD_POLL_S:
                self._heard.clear()
                looked = time.monotonic()
                head = await self._unless_database_is_away(self.look(highest), stop)
                telemetry.note_memory()
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
            make_client(self._settings.rpc_timeout, max(len(urls), 1)) as client,
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
        while not stop.is_set():
            if not await self._unless_database_is_away(self.crawl_one(stop), stop):
                await _sleep(stop, _IDLE_S)

    async def _keep_statuses(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await _sleep(stop, _STATUS_POLL_S)
            await self._pool.refresh()
            telemetry.note_memory()

    async def _hear(self, stop: asyncio.Event, seconds: float) -> None:
        """Sleeps until a node tells of a new block, the crawl is stopped, or the time is up."""
        heard = asyncio.create_task(self._heard.wait())
        await _sleep(stop, seconds, heard)
        heard.cancel()

    async def derive(self) -> bool:
        """One pass over the derived figures; whether there is more to do."""
        with telemetry.DERIVE_SECONDS.time():
            return (await asyncio.to_thread(derive, self._engine, self._network)).more

    async def crawl_one(self, stop: asyncio.Event, *, above: int | None = None) -> bool:
        """Claims one range and crawls it; False when there was none to claim."""
        span = self._pool.span()
        if span is None:
            return False  # claiming what nobody can be asked for would only spoil the ranges
        claim = partial(_claim, owner=self._owner, span=span, above=above)
        claimed = await self._write(claim)
        if claimed is None:
            return False
        error = None
        try:
            await self._crawl(claimed, stop)
        except* (NoNode, ParseError, BrokenLink) as group:
            error = _first(group)
        except* LostLease as group:
            log.info("range taken over by another worker", reason=str(_first(group)))
            claimed = None
        if claimed is None:
            return True
        if isinstance(error, BrokenLink):
            await self._settle(error.height)
        await self._write(lambda session: _close(session, claimed, error))
        return True

    async def _crawl(self, claimed: Claim, stop: asyncio.Event) -> None:
        """Stores what the range lacks, chunk by chunk; the next is fetched while one is stored."""
        missing, parent = await asyncio.to_thread(self._missing, claimed)
        storing: asyncio.Task[None] | None = None
        async with asyncio.TaskGroup() as group:
            while missing and not stop.is_set():
                fetched = await self._fetcher.fetch(missing[:CHUNK_BLOCKS], parent)
                missing = missing[len(fetched) :]
                last = fetched[-1]
                parent = Parent(
                    last.block.height, last.figures.total_supply, last.block.protocol_version
                )
                if storing is not None:
                    await storing
                storing = group.create_task(self._store(claimed, fetched))

    def _missing(self, claimed: Claim) -> tuple[list[int], Parent | None]:
        with read_session(self._engine) as session:
            held = ranges.held(session, claimed.first, claimed.last)
            missing = [height for height in claimed.heights if height not in held]
            return missing, _parent(session, missing[0]) if missing else None

    async def _store(self, claimed: Claim, fetched: list[FetchedBlock]) -> None:
        started = time.monotonic()

        def write(session: Session) -> int:
            if not ranges.renew(session, claimed, _now()):
                raise LostLease(claimed)
            indexed = self._settings.indexed_validators
            return store.store_blocks(session, fetched, indexed=indexed)

        await self._write(lambda session: store.learn_accounts(session, fetched))
        new = await self._write(write)
        took_s = time.monotonic() - started
        telemetry.STORE_SECONDS.observe(took_s)
        telemetry.BLOCKS_STORED.inc(new)
        first = fetched[0].block.height
        log.debug("blocks stored", first=first, count=new, took_ms=round(1000 * took_s))

    async def _settle(self, height: int) -> None:
        """Asks every node which block `height` and its neighbours are; the minority lied.

        A held block that most nodes contradict, RPC_MIN_NODES at least, is taken back, and so are
        those below it down to the first that they confirm: an upgrade can drop blocks.
        """
        for asked in (height + 1, height):
            await self._settle_one(asked)
        below = height - 1
        while below >= self._settings.crawl_from and await self._settle_one(below):
            below -= 1

    async def _settle_one(self, height: int) -> bool:
        """Whether the held block was wrong, and is taken back."""
        votes = await self._fetcher.block_hashes(height)
        if not votes:
            return False
        (right, count), *_ = Counter(votes.values()).most_common()
        if 2 * count <= len(votes) or count < self._settings.rpc_min_nodes:
            return False
        for node, said in votes.items():
            if said != right:
                self._pool.quarantine(node, f"block {height} is {right}, it says {said}")
        return await self._write(partial(_take_back, height=height, right=right))

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
    if error is not None:
        telemetry.RANGES_FAILED.labels(type(error).__name__).inc()
        log.warning("range not crawled", first=claimed.first, last=claimed.last, reason=str(error))
    ranges.release(session, claimed, error=None if error is None else str(error), now=_now())


def _take_back(session: Session, height: int, right: str) -> bool:
    held = session.execute(select(BLOCK.hash).where(BLOCK.height == height)).scalar()
    if held is None or held == right:
        return False
    log.error("held block is wrong, crawled again", height=height, held=held, nodes_say=right)
    recrawl(session, height, height)
    return True


def _parent(session: Session, height: int) -> Parent | None:
    question = select(BLOCK.height, BLOCK.total_supply, BLOCK.protocol_version)
    row = session.execute(question.where(BLOCK.height == height - 1)).first()
    return None if row is None else Parent(*row)


def _too_few(pool: Pool, min_nodes: int) -> str:
    told = "; ".join(f"{shown_url(url)}: {reason}" for url, reason in pool.problems().items())
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
