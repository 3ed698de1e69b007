"""Eras with the circulating supply of the publication readers see, as `/era` selects them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Select, func, select
from sqlmodel import Session

from casper_dash.queries.paging import Row, one, rows
from casper_dash.queries.published import supply_of
from casper_dash.queries.v0.conditions import FilterColumn, Kind, Selection, number, selected
from casper_dash.queries.v0.functions import cspr_difference, register, whole_cspr
from crawler.models.figures import ERA, ERA_SUPPLY, Era, EraSupply
from crawler.models.table import table_of

_COLUMNS = (
    ERA.id,
    ERA.start_block,
    ERA.transfers,
    ERA.deploys,
    ERA.end_block,
    ERA.start,
    ERA.end,
    ERA.weight,
    ERA.total_supply,
    ERA.validators_rewards,
    ERA.delegators_rewards,
    ERA.validators,
    ERA.delegators,
    ERA.staked,
    ERA.unstaked,
    ERA_SUPPLY.transfers.label("circulating_transfers"),
    ERA_SUPPLY.unlocks.label("circulating_unlocks"),
    ERA_SUPPLY.rewards.label("circulating_rewards"),
    ERA_SUPPLY.publication,
)


COLUMNS = {
    "id": number(ERA.id),
    "startBlock": number(ERA.start_block),
    "transfersCount": number(ERA.transfers),
    "deploysCount": number(ERA.deploys),
    "endBlock": number(ERA.end_block),
    "start": FilterColumn(Kind.TIME, ERA.start),
    "end": FilterColumn(Kind.TIME, ERA.end),
    "circulatingSupply": number(
        whole_cspr(ERA_SUPPLY.transfers, ERA_SUPPLY.unlocks, ERA_SUPPLY.rewards)
    ),
    "validatorsCirculatingSupply": number(whole_cspr(ERA_SUPPLY.unlocks)),
    "transfersCirculatingSupply": number(whole_cspr(ERA_SUPPLY.transfers)),
    "rewardsCirculatingSupply": number(whole_cspr(ERA_SUPPLY.rewards)),
    "validatorsWeights": number(whole_cspr(ERA.weight)),
    "totalSupply": number(whole_cspr(ERA.total_supply)),
    "validatorsRewards": number(whole_cspr(ERA.validators_rewards)),
    "delegatorsRewards": number(whole_cspr(ERA.delegators_rewards)),
    "rewards": number(whole_cspr(ERA.validators_rewards, ERA.delegators_rewards)),
    "validatorsCount": number(func.coalesce(ERA.validators, 0)),
    "delegatorsCount": number(func.coalesce(ERA.delegators, 0)),
    "stakedThisEra": number(whole_cspr(ERA.staked)),
    "undelegatedThisEra": number(whole_cspr(ERA.unstaked)),
    "stakedDiffThisEra": number(cspr_difference(ERA.staked, ERA.unstaked)),
}


def selected_eras(session: Session, wanted: Selection) -> list[Row]:
    """Eras in the order that is wanted, by id if none. Reads all eras, or those by key."""
    register(session)
    return rows(session, selected(_select(), wanted, COLUMNS, "id"))


def era_at_height(session: Session, height: int) -> Row | None:
    """The era that starts at or below a height and does not end below it. Reads ix_era_start_block.

    An era that has not ended reaches to the end of the chain.
    """
    found = _last_from(session, ERA.start_block, height)
    ended = found is not None and found["end_block"] is not None and found["end_block"] < height
    return None if ended else found


def era_at_time(session: Session, time: datetime) -> Row | None:
    """The era that has started at a time and has not ended before it. Reads ix_era_start."""
    found = _last_from(session, ERA.start, time)
    ended = found is not None and found["end"] is not None and found["end"] < time
    return None if ended else found


def last_completed_era(session: Session) -> int | None:
    """The id after the newest one; None if there is only one. Reads the end of the key."""
    return session.execute(select(ERA.id).order_by(ERA.id.desc()).limit(1).offset(1)).scalar()


def _last_from(session: Session, column: Column[Any], value: Any) -> Row | None:
    return one(session, _select().where(column <= value).order_by(column.desc()).limit(1))


def _select() -> Select[Any]:
    eras = table_of(Era).outerjoin(table_of(EraSupply), supply_of(ERA.id))
    return select(*_COLUMNS).select_from(eras)
