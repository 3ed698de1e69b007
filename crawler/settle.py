"""Two blocks that do not link: every node is asked, and what most of them contradict goes."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Engine, select
from sqlmodel import Session

from crawler.database import transact
from crawler.fetch import Fetcher
from crawler.models.chain import BLOCK
from crawler.node.pool import Pool
from crawler.recrawl import recrawl

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Court:
    """Who is asked, and how many must agree."""

    engine: Engine
    pool: Pool
    fetcher: Fetcher
    crawl_from: int
    min_nodes: int

    async def settle(self, height: int) -> None:
        """Asks every node which block `height` and its neighbours are; the minority lied.

        A held block that most nodes contradict, `min_nodes` at least, is taken back, and so are
        those below it down to the first that they confirm: an upgrade can drop blocks.
        """
        for asked in (height + 1, height):
            await self._settle_one(asked)
        below = height - 1
        while below >= self.crawl_from and await self._settle_one(below):
            below -= 1

    async def _settle_one(self, height: int) -> bool:
        """Whether the held block was wrong, and is taken back."""
        votes = await self.fetcher.block_hashes(height)
        if not votes:
            return False
        (right, count), *_ = Counter(votes.values()).most_common()
        if 2 * count <= len(votes) or count < self.min_nodes:
            return False
        for node, said in votes.items():
            if said != right:
                self.pool.quarantine(node, f"block {height} is {right}, it says {said}")
        take_back = partial(_take_back, height=height, right=right)
        return await asyncio.to_thread(transact, self.engine, take_back)


def _take_back(session: Session, height: int, right: str) -> bool:
    held = session.execute(select(BLOCK.hash).where(BLOCK.height == height)).scalar()
    if held is None or held == right:
        return False
    log.error("held block is wrong, crawled again", height=height, held=held, nodes_say=right)
    recrawl(session, height, height)
    return True
