"""Learns nodes from the peers of those that are known, and keeps which have proved themselves.

Nothing here adds a node to the pool: `proven_nodes` says which could be.
"""

import asyncio
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy import Engine, delete, func, select, update
from sqlmodel import Session

from crawler import node_orders
from crawler.database import read_session, transact, upsert
from crawler.feeds.node_proof import Unproven, prove
from crawler.feeds.peer_address import Reach, rpc_url, url_of
from crawler.models.chain import BLOCK
from crawler.models.feeds import LEARNT_NODE, LearntNode
from crawler.network import Network
from crawler.node.client import Caller, make_client
from crawler.node.pool import Pool
from crawler.node.rpc import Node
from crawler.parse.peers import parse_peers
from crawler.settings import CrawlerSettings

INTERVAL_S = 300
_ASKED_A_RUN = 20
_AT_ONCE = 5
_TIMEOUT_S = 5
_PROOF_S = 20
_KNOWN_AT_MOST = 2000
_SAMPLED_HEIGHTS = 60
_FORGOTTEN_AFTER = 12
"""Failures in a row: two to three months of them."""
_PROVEN_FOR = timedelta(days=1)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(hours=1), timedelta(days=30)


def learn_nodes(engine: Engine, network: Network, settings: CrawlerSettings) -> str:
    """The job: notes new peers, has some candidates prove themselves; one line says how many.

    Raises NoNode when no known node tells its peers.
    """
    if settings.rpc_learn_nodes == "off":
        return "nodes are not learnt: RPC_LEARN_NODES is off"
    return asyncio.run(_learn(engine, network, settings, settings.rpc_learn_nodes))


def proven_nodes(session: Session, reach: Reach) -> list[str]:
    """Addresses of nodes that hold our chain and may be asked, the newest proof first."""
    urls = session.execute(
        select(LEARNT_NODE.url)
        .where(LEARNT_NODE.proven_at.is_not(None))
        .order_by(LEARNT_NODE.proven_at.desc(), LEARNT_NODE.url)
    ).scalars()
    return [url for url in urls if _is_allowed(url, reach)]


async def _learn(engine: Engine, network: Network, settings: CrawlerSettings, reach: Reach) -> str:
    known = settings.rpc_nodes or network.rpc_nodes
    async with make_client(_TIMEOUT_S, _AT_ONCE) as client:
        pool = Pool(known, client, chain=network.name, concurrency=_AT_ONCE)
        await node_orders.obey(engine, pool)
        await pool.refresh()
        peers = await pool.ask("info_get_peers", {}, parse_peers)
        urls = {url for peer in peers if (url := rpc_url(peer.address, reach)) is not None}
        now = datetime.now(UTC)
        note = partial(note_candidates, urls=urls - set(known), now=now)
        new = await asyncio.to_thread(transact, engine, note)
        proven, asked = await prove_due(engine, network.name, client, reach, now)
    return f"{new} nodes learnt, {proven} of {asked} proved to hold the chain"


def note_candidates(session: Session, urls: Iterable[str], now: datetime) -> int:
    """Keeps addresses that are new, to be asked at once; how many were taken.

    No more than some thousand in all: a liar can name any number of peers.
    """
    held = set(session.execute(select(LEARNT_NODE.url)).scalars())
    new = sorted(set(urls) - held)[: max(_KNOWN_AT_MOST - len(held), 0)]
    rows = [{"url": url, "ask_after": now, "failures": 0} for url in new]
    upsert(session, LearntNode, rows, lambda row: {"url": row.url})
    return len(new)


async def prove_due(
    engine: Engine, chain: str, client: Caller, reach: Reach, now: datetime
) -> tuple[int, int]:
    """Has the candidates prove themselves whose time has come; how many did, of how many."""
    urls = await asyncio.to_thread(transact, engine, partial(_due, reach=reach, now=now))
    slots = asyncio.Semaphore(_AT_ONCE)
    held_blocks = partial(_held_blocks, engine)

    async def why_not(url: str) -> str | None:
        try:
            async with slots, asyncio.timeout(_PROOF_S):
                await prove(Node(url, client), chain, held_blocks)
        except Unproven as error:
            return " ".join(str(error).split())
        except TimeoutError:
            return f"takes over {_PROOF_S} s"
        return None

    reasons = await asyncio.gather(*map(why_not, urls))
    results = dict(zip(urls, reasons, strict=True))
    await asyncio.to_thread(transact, engine, partial(_note_results, results=results, now=now))
    return reasons.count(None), len(reasons)


def _due(session: Session, reach: Reach, now: datetime) -> list[str]:
    """Whom to ask now. Addresses that the setting allows no longer are forgotten."""
    urls = session.execute(
        select(LEARNT_NODE.url)
        .where(LEARNT_NODE.ask_after <= now)
        .order_by(LEARNT_NODE.ask_after, LEARNT_NODE.url)
        .limit(_ASKED_A_RUN)
    ).scalars()
    due = {url: _is_allowed(url, reach) for url in urls}
    barred = [url for url, allowed in due.items() if not allowed]
    if barred:
        session.execute(delete(LearntNode).where(LEARNT_NODE.url.in_(barred)))
    return [url for url, allowed in due.items() if allowed]


def _is_allowed(url: str, reach: Reach) -> bool:
    parts = urlsplit(url)
    return url_of(parts.hostname or "", parts.port or 0, reach) == url


def _held_blocks(engine: Engine, low: int, high: int) -> list[tuple[int, str]]:
    """Some blocks held between two heights, anywhere. Reads the primary key."""
    with read_session(engine) as session:
        ends = select(func.min(BLOCK.height), func.max(BLOCK.height))
        first, last = session.execute(ends.where(BLOCK.height.between(low, high))).one()
        if first is None:
            return []
        span = range(first, last + 1)
        heights = secrets.SystemRandom().sample(span, min(len(span), _SAMPLED_HEIGHTS))
        found = select(BLOCK.height, BLOCK.hash).where(BLOCK.height.in_(heights))
        return [(row.height, row.hash) for row in session.execute(found)]


def _note_results(session: Session, results: dict[str, str | None], now: datetime) -> None:
    """Keeps address → why it is not proven (None: it is), and when each is asked again."""
    told = select(LEARNT_NODE.url, LEARNT_NODE.failures).where(LEARNT_NODE.url.in_(results))
    for row in session.execute(told).all():
        reason = results[row.url]
        failures = 0 if reason is None else row.failures + 1
        session.execute(
            update(LearntNode)
            .where(LEARNT_NODE.url == row.url)
            .values(
                proven_at=now if reason is None else None,
                failures=failures,
                last_error=reason and reason[:200],
                ask_after=now + (_pause(failures) if failures else _PROVEN_FOR),
            )
        )
    session.execute(delete(LearntNode).where(LEARNT_NODE.failures >= _FORGOTTEN_AFTER))


def _pause(failures: int) -> timedelta:
    return min(_FIRST_PAUSE * (1 << min(failures - 1, 10)), _LONGEST_PAUSE)
