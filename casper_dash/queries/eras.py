"""Eras: the sums over their blocks, with the circulating supply of the publication readers see."""

from dataclasses import dataclass
from datetime import datetime
from operator import eq, ge, le

from sqlalchemy import ColumnElement, bindparam, case, func, select
from sqlmodel import Session

from casper_dash.queries.history import held_from_genesis_to, settled_height
from casper_dash.queries.paging import Page, Row, given, in_time, one, paged, rows
from casper_dash.queries.published import supply_of
from crawler.models.figures import ERA, ERA_SUPPLY, ERA_TOUCH, Era, EraSupply
from crawler.models.table import table_of

# without a missing height before it, a running era's blocks are the first of it
_last_block = case((ERA.complete, ERA.end_block), else_=ERA.start_block + ERA.blocks - 1)
_COLUMNS = (
    ERA.id,
    ERA.complete,
    held_from_genesis_to(_last_block).label("final"),
    ERA.start_block,
    ERA.end_block,
    ERA.start,
    ERA.end,
    ERA.weight,
    ERA.total_supply,
    ERA.deploys,
    ERA.transfers,
    ERA.staked,
    ERA.unstaked,
    ERA.redelegated,
    ERA.validators,
    ERA.validators_rewards,
    ERA.delegators,
    ERA.delegators_rewards,
    ERA.transfer_volume,
    ERA_SUPPLY.transfers.label("circulating_transfers"),
    ERA_SUPPLY.unlocks.label("circulating_unlocks"),
    ERA_SUPPLY.rewards.label("circulating_rewards"),
    ERA_SUPPLY.publication,
)
# a join with the one row of derive_state would make MariaDB sort what its key has in order
_ERAS = (
    select(*_COLUMNS).select_from(table_of(Era)).outerjoin(table_of(EraSupply), supply_of(ERA.id))
)
# made once: to put a statement together takes as long as to ask it
_WITH_ID = _ERAS.where(ERA.id == bindparam("id"))
_NEWEST = _ERAS.order_by(ERA.id.desc()).limit(1)
_NEWEST_COMPLETE = _ERAS.where(ERA.complete).order_by(ERA.id.desc()).limit(1)
_first_stale = select(func.min(ERA_TOUCH.era_id)).where(ERA_TOUCH.stale).scalar_subquery()
_SETTLED = (
    select(ERA.id)
    .where(ERA.complete, ERA.end_block <= bindparam("settled_height"))
    .where(ERA.id < func.coalesce(_first_stale, ERA.id + 1))
    .order_by(ERA.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class EraFilter:
    """Which eras; ids inclusive, `after` ≤ start < `before`."""

    from_id: int | None = None
    to_id: int | None = None
    after: datetime | None = None
    before: datetime | None = None
    complete: bool | None = None


def eras(session: Session, wanted: EraFilter, page: Page) -> list[Row]:
    """Eras by id. Reads the key; each era's supply by its key."""
    statement = _ERAS.where(*_conditions(session, wanted))
    return rows(session, paged(statement, [ERA.id], page))


def _conditions(session: Session, wanted: EraFilter) -> list[ColumnElement[bool]]:
    conditions = given(
        (ge, ERA.id, wanted.from_id),
        (le, ERA.id, wanted.to_id),
        (eq, ERA.complete, wanted.complete),
    )
    return conditions + in_time(session, ERA.id, ERA.start, wanted.after, wanted.before)


def era_with_id(session: Session, era_id: int) -> Row | None:
    """The era of that id. Reads the key."""
    return one(session, _WITH_ID, id=era_id)


def running_era(session: Session) -> Row | None:
    """The newest era of which a block is held. Reads the end of the key."""
    return one(session, _NEWEST)


def newest_complete_era(session: Session) -> Row | None:
    """The newest era that is complete. Reads the key from its end, past the incomplete ones."""
    return one(session, _NEWEST_COMPLETE)


def settled_era(session: Session) -> int:
    """The newest era up to which no block can come in and no sum can change; -1 if none.

    Reads the newest eras by their key, and the first of those that are not worked out yet.
    """
    found = session.execute(_SETTLED, {"settled_height": settled_height(session)}).scalar()
    return -1 if found is None else int(found)
