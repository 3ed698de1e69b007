"""Balances of transfers' accounts after their block, where nodes still hold that state.

Newest first, since nodes let old states go. What was told is never asked again; what a kill left
out is found by the next sweep.
"""

import asyncio
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, select
from sqlmodel import Session

from crawler.database import read_session, transact, upsert
from crawler.enrich.nodes import HeldState, held_state, open_pool
from crawler.enrich.told import Told, ask_state
from crawler.models.chain import BALANCE, BLOCK, TRANSFER, Balance, Block, Transfer
from crawler.models.table import table_of
from crawler.models.work import SWEEP, Sweep
from crawler.network import Network
from crawler.node.errors import NoNode
from crawler.node.pool import Pool
from crawler.parse.keys import SYSTEM_ACCOUNT_HASH
from crawler.parse.supply import parse_balance
from crawler.settings import CrawlerSettings

INTERVAL_S = 30
_LOOKS_A_RUN = 6
_CHUNK = 50
"""Balances asked for after each look: ten a second, a tenth of what a node allows to all."""
_RUN_S = 60
_NEAR_HEAD = 500
_SWEPT = 20_000
"""Heights that one question looks through."""
_SWEEP = "balances"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account whose balance after a block is not known."""

    height: int
    account_hash: str
    block_hash: str


@dataclass(frozen=True, slots=True)
class Look:
    """What one look for unknown balances found, highest first."""

    wanted: list[Wanted]
    position: int
    """Height from which the sweep goes on down."""
    at_end: bool = False
    """Nothing is unknown from here down."""


def fetch_balances(engine: Engine, network: Network, settings: CrawlerSettings) -> str:
    """The job: asks for some balances, the newest first; one line says how many came.

    Raises NoNode when no node is usable.
    """
    return asyncio.run(_fetch(engine, network, settings))


async def _fetch(engine: Engine, network: Network, settings: CrawlerSettings) -> str:
    asked = known = 0
    deadline = time.monotonic() + _RUN_S
    async with open_pool(engine, network, settings) as pool:
        state = held_state(pool)
        if state is None:
            raise NoNode("query_balance", pool.problems())
        for _ in range(_LOOKS_A_RUN):
            found = await asyncio.to_thread(_look, engine, state)
            told = await asyncio.gather(*(_balance(pool, each) for each in found.wanted))
            rows = _rows(found.wanted, told)
            keep = partial(_keep, rows=rows, position=found.position)
            await asyncio.to_thread(transact, engine, keep)
            asked += len(found.wanted)
            known += sum(row["balance"] is not None for row in rows)
            nothing_told = bool(found.wanted) and not rows
            if found.at_end or nothing_told or time.monotonic() > deadline:
                break
    return f"{known} of {asked} balances told"


def look(session: Session, state: HeldState) -> Look:
    """Balances to ask for: near the head, else where the sweep is.

    Reads transfers and balances by their primary keys.
    """
    near = max(state.high - _NEAR_HEAD, state.low - 1)
    held = session.execute(select(SWEEP.height).where(SWEEP.name == _SWEEP)).scalar()
    top = near if held is None else min(held, near)
    wanted = _missing(session, near + 1, state.high)
    if wanted:
        return Look(wanted, top)
    bottom = max(top - _SWEPT + 1, state.low)
    wanted = _missing(session, bottom, top)
    if wanted or bottom > state.low:
        return Look(wanted, top if wanted else bottom - 1)
    # from the top again: blocks crawled meanwhile may lie above
    return Look([], near, at_end=True)


def _look(engine: Engine, state: HeldState) -> Look:
    with read_session(engine) as session:
        return look(session, state)


def _missing(session: Session, low: int, high: int) -> list[Wanted]:
    sides = (TRANSFER.from_account_hash, TRANSFER.to_account_hash)
    found = {
        Wanted(*row) for side in sides for row in session.execute(_without_balance(side, low, high))
    }
    return sorted(found, key=lambda each: (-each.height, each.account_hash))[:_CHUNK]


def _without_balance(account: ColumnElement[Any], low: int, high: int) -> Select[Any]:
    transfers, blocks, balances = table_of(Transfer), table_of(Block), table_of(Balance)
    same = and_(BALANCE.account_hash == account, BALANCE.height == TRANSFER.height)
    return (
        select(TRANSFER.height, account, BLOCK.hash)
        .select_from(
            transfers.join(blocks, BLOCK.height == TRANSFER.height).outerjoin(balances, same)
        )
        .where(
            TRANSFER.height.between(low, high),
            account != SYSTEM_ACCOUNT_HASH,
            BALANCE.account_hash.is_(None),
        )
        .distinct()
        .order_by(TRANSFER.height.desc())
        .limit(_CHUNK)
    )


async def _balance(pool: Pool, wanted: Wanted) -> Told[int] | None:
    params = {
        "state_identifier": {"BlockHash": wanted.block_hash},
        "purse_identifier": {
            "main_purse_under_account_hash": f"account-hash-{wanted.account_hash}"
        },
    }
    return await ask_state(pool, "query_balance", params, parse_balance, height=wanted.height)


def _rows(wanted: list[Wanted], told: list[Told[int] | None]) -> list[dict[str, Any]]:
    return [
        {"account_hash": each.account_hash, "height": each.height, "balance": answer.answer}
        for each, answer in zip(wanted, told, strict=True)
        if answer is not None
    ]


def _keep(session: Session, rows: list[dict[str, Any]], position: int) -> None:
    # an update of the key to itself passes over what is known already
    upsert(session, Balance, rows, lambda new: {"height": new.height})
    place = [{"name": _SWEEP, "height": position}]
    upsert(session, Sweep, place, lambda new: {"height": new.height})
