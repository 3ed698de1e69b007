"""An era's figures, summed over its blocks that are held."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlmodel import Session

from crawler.columns import motes_sum
from crawler.database import upsert
from crawler.derive.volumes import volumes
from crawler.models.chain import BLOCK, Block
from crawler.models.figures import (
    DERIVE_STATE,
    ERA,
    ERA_SUPPLY,
    ERA_TOUCH,
    Era,
    EraSupply,
    EraTouch,
)
from crawler.network import Network

ERAS_A_PASS = 50
_PAID = ("validators", "validators_rewards", "delegators", "delegators_rewards")


def derive_eras(session: Session, network: Network) -> list[int]:
    """Works out ERAS_A_PASS eras whose blocks changed, lowest first; their ids, fewer at the end.

    The caller holds the derive lock, or an older sum could be written over a newer one.
    """
    stale = session.execute(
        select(ERA_TOUCH.era_id, ERA_TOUCH.stored)
        .where(ERA_TOUCH.stale)
        .order_by(ERA_TOUCH.era_id)
        .limit(ERAS_A_PASS)
    ).all()
    rows = era_rows(session, network, [touch.era_id for touch in stale])
    upsert(
        session,
        Era,
        rows,
        lambda new: {name: new[name] for name in Era.model_fields if name != "id"},
    )
    # an era whose blocks were taken back, or that is announced only, has no figures
    empty = {touch.era_id for touch in stale} - {row["id"] for row in rows}
    if empty:
        session.execute(delete(Era).where(ERA.id.in_(empty)))
        # what earlier publications said of it stays as it was known then
        seen = select(DERIVE_STATE.publication).scalar_subquery()
        gone = delete(EraSupply).where(ERA_SUPPLY.era_id.in_(empty))
        session.execute(gone.where(ERA_SUPPLY.publication >= seen))
    for touch in stale:
        # blocks stored meanwhile have raised the count: the era stays stale then
        session.execute(
            update(EraTouch)
            .where(ERA_TOUCH.era_id == touch.era_id)
            .values(derived=touch.stored, stale=ERA_TOUCH.stored != touch.stored)
        )
    return [touch.era_id for touch in stale]


def era_rows(session: Session, network: Network, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of `era` as the blocks held now make them; none for an era without blocks.

    Reads ix_block_era and ix_transfer_era, then a few blocks by height.
    """
    sums = session.execute(_sums(ids)).all()
    edges = _blocks(session, {height for row in sums for height in (row.first, row.last)})
    before = _switch_blocks(session, [row.era_id - 1 for row in sums])
    moved = volumes(session, ids)
    return [
        _era_row(row, edges[row.first], edges[row.last], before.get(row.era_id - 1), network)
        | {"transfer_volume": moved.get(row.era_id, 0)}
        for row in sums
    ]


def _sums(ids: Sequence[int]) -> Any:
    return (
        select(
            BLOCK.era_id,
            func.min(BLOCK.height).label("first"),
            func.max(BLOCK.height).label("last"),
            func.count().label("blocks"),
            func.sum(BLOCK.deploys).label("deploys"),
            func.sum(BLOCK.transfers).label("transfers"),
            motes_sum(BLOCK.staked).label("staked"),
            motes_sum(BLOCK.unstaked).label("unstaked"),
            motes_sum(BLOCK.redelegated).label("redelegated"),
        )
        .where(BLOCK.era_id.in_(ids))
        .group_by(BLOCK.era_id)
    )


def _blocks(session: Session, heights: set[int]) -> dict[int, Row[Any]]:
    question = select(
        BLOCK.height,
        BLOCK.timestamp,
        BLOCK.switch,
        BLOCK.total_supply,
        *(getattr(Block, name) for name in _PAID),
    ).where(BLOCK.height.in_(heights))
    return {row.height: row for row in session.execute(question)}


def _switch_blocks(session: Session, ids: Sequence[int]) -> dict[int, Row[Any]]:
    # the last block of each first: the index of switch blocks leads through all of the chain's
    last = select(func.max(BLOCK.height)).where(BLOCK.era_id.in_(ids)).group_by(BLOCK.era_id)
    heights = session.execute(last).scalars().all()
    question = select(BLOCK.era_id, BLOCK.height, BLOCK.next_era_weight).where(
        BLOCK.height.in_(heights), BLOCK.switch
    )
    return {row.era_id: row for row in session.execute(question)}


def _era_row(
    sums: Row[Any], first: Row[Any], last: Row[Any], before: Row[Any] | None, network: Network
) -> dict[str, Any]:
    starts = sums.first == 0 or (before is not None and before.height == sums.first - 1)
    whole = sums.blocks == sums.last - sums.first + 1
    complete = bool(starts and whole and last.switch)
    told = None if before is None else before.next_era_weight
    weight = network.genesis_validators_weight if sums.era_id == 0 else told
    return {
        "id": sums.era_id,
        "complete": complete,
        "start_block": sums.first,
        "end_block": sums.last if last.switch else None,
        "start": first.timestamp,
        "end": last.timestamp if last.switch else None,
        "blocks": sums.blocks,
        "weight": weight,
        "total_supply": last.total_supply if last.switch else first.total_supply,
        "deploys": int(sums.deploys),
        "transfers": int(sums.transfers),
        "staked": sums.staked,
        "unstaked": sums.unstaked,
        "redelegated": sums.redelegated,
        **{name: getattr(last, name) for name in _PAID},
    }
