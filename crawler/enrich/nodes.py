"""The nodes as background work asks them: few calls in flight, fewer while blocks are missing."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, select

from crawler import node_orders
from crawler.database import read_session
from crawler.models.work import CRAWL_RANGE
from crawler.network import Network
from crawler.node.client import make_client
from crawler.node.pool import Pool
from crawler.settings import CrawlerSettings

_CALLS_IN_FLIGHT = 4
_WHILE_BLOCKS_ARE_MISSING = 1
# kept over the runs of a process, so that a lasting fault is logged once and not by every run
_failures: dict[str, int] = {}


@dataclass(frozen=True, slots=True)
class HeldState:
    """The heights whose state some usable node says it holds, both ends included."""

    low: int
    high: int


@asynccontextmanager
async def open_pool(
    engine: Engine, network: Network, settings: CrawlerSettings
) -> AsyncIterator[Pool]:
    """A pool of its own whose nodes have told their status."""
    calls = await asyncio.to_thread(calls_in_flight, engine)
    async with make_client(settings.rpc_timeout, calls) as client:
        urls = settings.rpc_nodes or network.rpc_nodes
        pool = Pool(urls, client, chain=network.name, concurrency=calls)
        for member in pool.members:
            member.failures = _failures.get(member.node.url, 0)
        await node_orders.obey(engine, pool)
        await pool.refresh()
        try:
            yield pool
        finally:
            _failures.update({member.node.url: member.failures for member in pool.members})


def held_state(pool: Pool) -> HeldState | None:
    """None: no node is usable now."""
    spans = _spans(pool)
    if not spans:
        return None
    return HeldState(min(span.low for span in spans), max(span.high for span in spans))


def holds_state(pool: Pool, height: int) -> bool:
    """Whether a node that answers now says that it holds that height's state.

    If so, and no node could answer a question about it, then none will.
    """
    return any(span.low <= height <= span.high for span in _spans(pool))


def _spans(pool: Pool) -> list[HeldState]:
    now = time.monotonic()
    return [
        HeldState(*member.held)
        for member in pool.members
        if member.held is not None and member.is_usable(now) and not member.failures
    ]


def calls_in_flight(engine: Engine) -> int:
    """How many calls background work may have in flight, beside RPC_CONCURRENCY's for blocks."""
    with read_session(engine) as session:
        missing = session.execute(select(CRAWL_RANGE.first).limit(1)).first()
    return _CALLS_IN_FLIGHT if missing is None else _WHILE_BLOCKS_ARE_MISSING
