"""Bids of each era: the auction after its switch block, where nodes still hold that state.

Newest first, since nodes let old states go.
"""

import asyncio
import time
from functools import partial

import msgspec
from sqlalchemy import Engine, Row, select
from sqlmodel import Session

from crawler.database import read_session, transact
from crawler.enrich.bid_history import keep_era, keep_unknown
from crawler.enrich.bid_state import state_of
from crawler.enrich.nodes import HeldState, held_state, open_pool
from crawler.enrich.told import Told, ask_state
from crawler.models.chain import BID_ERA, BLOCK
from crawler.network import Network
from crawler.node.errors import NoNode
from crawler.node.pool import Pool
from crawler.parse.auction import parse_auction_info
from crawler.parse.errors import ParseError
from crawler.parse.records import AuctionInfo
from crawler.settings import CrawlerSettings

INTERVAL_S = 30
_ERAS_A_RUN = 5
"""One answer of mainnet's is some megabytes."""
_RUN_S = 60
_WITH_UNBONDINGS = "state_get_auction_info_v2"
_WITHOUT = "state_get_auction_info"

SwitchBlock = Row[tuple[int, int, str]]
"""era_id, height, hash"""


def fetch_bids(engine: Engine, network: Network, settings: CrawlerSettings) -> str:
    """The job: asks for some eras' bids, the newest first; one line says how many came.

    Raises NoNode when no node is usable.
    """
    return asyncio.run(_fetch(engine, network, settings))


async def _fetch(engine: Engine, network: Network, settings: CrawlerSettings) -> str:
    known = unknown = 0
    deadline = time.monotonic() + _RUN_S
    async with open_pool(engine, network, settings) as pool:
        state = held_state(pool)
        if state is None:
            raise NoNode(_WITH_UNBONDINGS, pool.problems())
        for block in await asyncio.to_thread(_wanted, engine, state):
            if time.monotonic() > deadline:
                break
            told, unbondings = await _auction(pool, block)
            if told is None:
                continue
            keep = partial(_keep, era_id=block.era_id, told=told.answer, unbondings=unbondings)
            await asyncio.to_thread(transact, engine, keep)
            known += told.answer is not None
            unknown += told.answer is None
    return f"bids of {known} eras told, of {unknown} unknown"


def _wanted(engine: Engine, state: HeldState) -> list[SwitchBlock]:
    """The newest switch blocks whose bids were not asked for. Reads ix_block_switch."""
    asked = select(BID_ERA.era_id).where(BID_ERA.era_id == BLOCK.era_id).exists()
    question = (
        select(BLOCK.era_id, BLOCK.height, BLOCK.hash)
        .where(BLOCK.switch, BLOCK.height.between(state.low, state.high), ~asked)
        .order_by(BLOCK.height.desc())
        .limit(_ERAS_A_RUN)
    )
    with read_session(engine) as session:
        return list(session.execute(question).all())


async def _auction(pool: Pool, block: SwitchBlock) -> tuple[Told[AuctionInfo] | None, bool]:
    """What nodes tell of the auction after a block, and whether unbondings are part of it."""
    params = {"block_identifier": {"Hash": block.hash}}
    parse = partial(_auction_at, block.height)
    told = await ask_state(pool, _WITH_UNBONDINGS, params, parse, height=block.height)
    if told is None or told.answer is not None:
        return told, True
    # 1.x nodes know the older method only
    return await ask_state(pool, _WITHOUT, params, parse, height=block.height), False


def _auction_at(height: int, result: msgspec.Raw) -> AuctionInfo:
    info = parse_auction_info(result)
    if info.block_height != height:
        raise ParseError(_WITHOUT, f"asked for height {height}, got {info.block_height}")
    return info


def _keep(session: Session, era_id: int, told: AuctionInfo | None, unbondings: bool) -> None:
    if told is None:
        keep_unknown(session, era_id)
    else:
        keep_era(session, era_id, state_of(told), unbondings=unbondings)
