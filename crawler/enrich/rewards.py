"""Rewards of validators that INDEXED_VALIDATORS names since later than their eras were stored.

A sweep up the switch blocks that are held: where rewards are not there, the era's payout is asked
for again, and what is lacking of it is added. What is stored stays, whatever the setting names.
"""

import asyncio
import hashlib
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine, Row, Select, delete, func, insert, select
from sqlmodel import Session

from crawler import ranges, telemetry
from crawler.database import read_session, transact, upsert
from crawler.enrich.nodes import holds_state, open_pool
from crawler.fetch import era_info_of
from crawler.job_run import Run
from crawler.models.chain import BLOCK, ERA_VALIDATOR, REWARD, Reward
from crawler.models.figures import DERIVE_STATE
from crawler.models.work import CRAWL_STATE, SWEEP, Sweep
from crawler.network import Network
from crawler.node.errors import NoNode
from crawler.node.pool import Pool
from crawler.orders import Span
from crawler.parse.keys import SYSTEM_PUBLIC_KEY
from crawler.parse.records import EraInfo
from crawler.parse.rewards import paid
from crawler.settings import CrawlerSettings

INTERVAL_S = 60
_RUN_S = 55
_ERAS_A_LOOK = 50
_AT_ONCE = 4
"""One answer of mainnet's is some megabytes."""
_SWEEP = "rewards "
_METHOD = "chain_get_era_info_by_switch_block"

SwitchBlock = Row[tuple[int, int, str, str, int, int]]
"""era_id, height, hash, proposer, validators and delegators that it paid"""


@dataclass(frozen=True, slots=True)
class Look:
    """The next switch blocks to go by, and the eras of them whose rewards are not all there."""

    blocks: Sequence[SwitchBlock]
    lacking: frozenset[int]
    complete_to: int


@dataclass(slots=True)
class Tally:
    """What a run has done."""

    eras: int = 0
    rewards: int = 0
    unheld: int = 0

    def line(self, up_to: str) -> str:
        """For people."""
        told = f"{self.rewards} rewards of {self.eras} eras added, {up_to}"
        if self.unheld:
            told += f"; no node holds {self.unheld} eras: order them when one does"
        return told


def fill_rewards(engine: Engine, network: Network, settings: CrawlerSettings, run: Run) -> str:
    """The job: adds rewards that lack, of the eras ordered or from where the last run ended.

    One line says how many. Raises NoNode when a node that holds an era does not tell of it.
    """
    if not settings.indexed_validators:
        return "no validator's rewards are kept: INDEXED_VALIDATORS is empty"
    return asyncio.run(_fill(engine, network, settings, run))


async def _fill(engine: Engine, network: Network, settings: CrawlerSettings, run: Run) -> str:
    keys = frozenset(settings.indexed_validators)
    sweep = None if run.span else sweep_of(keys)
    above = await asyncio.to_thread(_swept, engine, sweep)
    tally, deadline, up_to = Tally(), time.monotonic() + _RUN_S, "none of them new"
    async with open_pool(engine, network, settings) as pool:
        while time.monotonic() < deadline or run.span:
            look = await asyncio.to_thread(_look, engine, keys, above, run.span)
            if not look.blocks:
                break
            await _add(engine, pool, look, keys, tally)
            above, up_to = look.blocks[-1].height, f"up to era {look.blocks[-1].era_id}"
            await asyncio.to_thread(transact, engine, partial(_go_on, sweep=sweep, to=above))
            told = tally.line(up_to)
            await asyncio.to_thread(run.tell, told, above, look.complete_to)
    return tally.line(up_to)


def sweep_of(keys: Collection[str]) -> str:
    """The name of these validators' sweep: others begin anew."""
    return _SWEEP + hashlib.sha256(",".join(sorted(keys)).encode()).hexdigest()[:20]


def _swept(engine: Engine, sweep: str | None) -> int:
    """The height up to which the sweep has gone; -1: nowhere."""
    with read_session(engine) as session:
        found = session.execute(select(SWEEP.height).where(SWEEP.name == sweep)).scalar()
    return -1 if found is None else int(found)


def _go_on(session: Session, sweep: str | None, to: int) -> None:
    """Keeps how far the sweep is; those of other validators are over."""
    if sweep is None:
        return
    others = SWEEP.name.startswith(_SWEEP, autoescape=True), SWEEP.name != sweep
    session.execute(delete(Sweep).where(*others))
    upsert(session, Sweep, [{"name": sweep, "height": to}], lambda new: {"height": new.height})


def _look(engine: Engine, keys: frozenset[str], above: int, span: Span | None) -> Look:
    """Reads ix_block_switch. Eras above a missing block wait: the crawl stores them as wanted."""
    with read_session(engine) as session:
        planned_to = session.execute(select(CRAWL_STATE.planned_to)).scalar_one()
        complete_to = ranges.complete_to(session, planned_to)
        question = select(
            BLOCK.era_id,
            BLOCK.height,
            BLOCK.hash,
            BLOCK.proposer,
            BLOCK.validators,
            BLOCK.delegators,
        ).where(BLOCK.switch, BLOCK.height > above, BLOCK.height <= complete_to)
        if span is not None:
            question = question.where(BLOCK.era_id.between(span.first, span.last))
        blocks = session.execute(question.order_by(BLOCK.height).limit(_ERAS_A_LOOK)).all()
        lack = _lacking_any(session, blocks) if "all" in keys else _lacking(session, blocks, keys)
    return Look(blocks, frozenset(lack), complete_to)


def _lacking_any(session: Session, blocks: Sequence[SwitchBlock]) -> Iterator[int]:
    """Eras that hold fewer rewards than they paid. Reads the primary key."""
    eras = [block.era_id for block in blocks]
    counted = select(REWARD.era_id, func.count()).where(REWARD.era_id.in_(eras))
    held = {era_id: count for era_id, count in session.execute(counted.group_by(REWARD.era_id))}  # noqa: C416 (rows)
    for block in blocks:
        if held.get(block.era_id, 0) < block.validators + block.delegators:
            yield block.era_id


def _lacking(
    session: Session, blocks: Sequence[SwitchBlock], keys: frozenset[str]
) -> Iterator[int]:
    """Eras that may have paid one of the validators of whom they hold nothing.

    What a validator signed late in an era is paid with the next one. Reads primary keys.
    """
    eras = [block.era_id for block in blocks]
    held = select(REWARD.era_id, REWARD.validator).where(
        REWARD.era_id.in_(eras), REWARD.validator.in_(keys), REWARD.delegator == ""
    )
    paid_by_era = _grouped(session, held)
    both = {*eras, *(era_id - 1 for era_id in eras)}
    validators = select(ERA_VALIDATOR.era_id, ERA_VALIDATOR.public_key)
    in_both = ERA_VALIDATOR.era_id.in_(both)
    mine = _grouped(session, validators.where(in_both, ERA_VALIDATOR.public_key.in_(keys)))
    told = select(ERA_VALIDATOR.era_id).where(in_both).distinct()
    known = set(session.execute(told).scalars())
    for era_id in eras:
        possible = mine[era_id] | mine[era_id - 1] if {era_id, era_id - 1} <= known else keys
        if possible - paid_by_era[era_id]:
            yield era_id


def _grouped(session: Session, question: Select[tuple[int, str]]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for era_id, key in session.execute(question):
        found[era_id].add(key)
    return found


async def _add(engine: Engine, pool: Pool, look: Look, keys: frozenset[str], tally: Tally) -> None:
    """Asks for the payouts of eras that lack rewards, and keeps those."""
    wanted = [
        block
        for block in look.blocks
        # an immediate switch block pays nobody, and nodes answer with the era before
        if block.era_id in look.lacking and block.proposer != SYSTEM_PUBLIC_KEY
    ]
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        told = await asyncio.gather(*(_payout(pool, block) for block in part))
        for block, payout in zip(part, told, strict=True):
            if payout is None:
                tally.unheld += 1
                continue
            keep = partial(_keep, block=block, payout=payout, keys=keys)
            added = await asyncio.to_thread(transact, engine, keep)
            tally.eras += added > 0
            tally.rewards += added


async def _payout(pool: Pool, block: SwitchBlock) -> EraInfo | None:
    """What an era paid; None: no node holds it any more."""
    params = {"block_identifier": {"Hash": block.hash}}
    parse = partial(era_info_of, block.era_id, block.hash)
    try:
        return await pool.ask(_METHOD, params, parse, height=block.height)
    except NoNode:
        if holds_state(pool, block.height):
            raise
        return None


def _keep(session: Session, block: SwitchBlock, payout: EraInfo, keys: frozenset[str]) -> int:
    """Adds what lacks of the payout; how many rewards. None if the block was taken back."""
    # whoever takes blocks back holds this row, too
    session.execute(select(DERIVE_STATE.id).with_for_update()).all()
    held = session.execute(select(BLOCK.hash).where(BLOCK.height == block.height)).scalar()
    if held != block.hash:
        return 0
    mine = select(REWARD.validator, REWARD.delegator).where(REWARD.era_id == block.era_id)
    there = {tuple(row) for row in session.execute(mine)}
    rows = [
        {"era_id": block.era_id, "validator": pair[0], "delegator": pair[1], "amount": amount}
        for pair, amount in paid(payout).items()
        if pair not in there and ("all" in keys or pair[0] in keys)
    ]
    if rows:
        session.execute(insert(Reward), rows)
        telemetry.ROWS_WRITTEN.labels("reward").inc(len(rows))
    return len(rows)
