"""Fills one claimed range: fetches what it lacks and stores it, chunk by chunk."""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import Engine, select
from sqlmodel import Session

from crawler import orders, ranges, store, telemetry
from crawler.database import read_session, transact
from crawler.fetch import FetchedBlock, Fetcher, Parent
from crawler.models.chain import BLOCK
from crawler.node.errors import NoNode
from crawler.parse.errors import ParseError
from crawler.ranges import Claim

log = structlog.get_logger(__name__)

CHUNK_BLOCKS = 50
"""Blocks in flight and in one transaction: a few thousand rows even when they are busy."""


class LostLease(Exception):
    """Another worker has the range by now: what is fetched of it is theirs to store."""


@dataclass(frozen=True, slots=True)
class Filler:
    """From where blocks come and where they go."""

    engine: Engine
    fetcher: Fetcher
    indexed: Collection[str]
    """Validators whose delegators' rewards are kept, or "all"."""

    async def fill(self, claimed: Claim, stop: asyncio.Event) -> None:
        """Stores what the range lacks; the next chunk is fetched while one is stored.

        Ends early when it is stopped, or the crawl paused. Raises, in groups, NoNode and ParseError
        once the blocks before that one are stored, BrokenLink, LostLease and DBAPIError.
        """
        missing, parent = await asyncio.to_thread(self._missing, claimed)
        storing: asyncio.Task[bool] | None = None
        wanted = True
        async with asyncio.TaskGroup() as group:
            while missing and wanted and not stop.is_set():
                try:
                    with telemetry.FETCH_SECONDS.time():
                        fetched = await self.fetcher.fetch(missing[:CHUNK_BLOCKS], parent)
                except* (NoNode, ParseError):
                    if storing is not None:  # or the group would cancel it
                        await storing
                    raise
                telemetry.BLOCKS_FETCHED.inc(len(fetched))
                missing = missing[len(fetched) :]
                parent = _parent_of(fetched[-1])
                if storing is not None:
                    wanted = await storing
                storing = group.create_task(self._store(claimed, fetched))

    def _missing(self, claimed: Claim) -> tuple[list[int], Parent | None]:
        with read_session(self.engine) as session:
            held = ranges.held(session, claimed.first, claimed.last)
            missing = [height for height in claimed.heights if height not in held]
            return missing, _held_parent(session, missing[0]) if missing else None

    async def _store(self, claimed: Claim, fetched: list[FetchedBlock]) -> bool:
        """Whether the crawl is still wanted then."""
        started = time.monotonic()

        def write(session: Session) -> tuple[int, bool]:
            if not ranges.renew(session, claimed, datetime.now(UTC)):
                raise LostLease(claimed)
            new = store.store_blocks(session, fetched, indexed=self.indexed)
            return new, not orders.is_paused(session, orders.CRAWL)

        def learn(session: Session) -> None:
            store.learn_accounts(session, fetched)

        await asyncio.to_thread(transact, self.engine, learn)
        new, wanted = await asyncio.to_thread(transact, self.engine, write)
        took_s = time.monotonic() - started
        telemetry.STORE_SECONDS.observe(took_s)
        telemetry.BLOCKS_STORED.inc(new)
        first = fetched[0].block.height
        log.debug("blocks stored", first=first, count=new, took_ms=round(1000 * took_s))
        return wanted


def _held_parent(session: Session, height: int) -> Parent | None:
    question = select(BLOCK.height, BLOCK.total_supply, BLOCK.protocol_version)
    row = session.execute(question.where(BLOCK.height == height - 1)).first()
    return None if row is None else Parent(*row)


def _parent_of(last: FetchedBlock) -> Parent:
    return Parent(last.block.height, last.figures.total_supply, last.block.protocol_version)
