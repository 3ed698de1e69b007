"""Brings every derived figure up to what is held: eras, their supply, transfers' depth.

Whoever derives locks the one row of `derive_state`: one at a time, on however many machines.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlmodel import Session

from crawler import ranges
from crawler.database import read_session, write_session
from crawler.derive.carried import give_way
from crawler.derive.depth import derive_depths
from crawler.derive.eras import ERAS_A_PASS, derive_eras
from crawler.derive.supply import derive_supply
from crawler.derive.volumes import fill_volumes
from crawler.models.chain import BLOCK
from crawler.models.decisions import UNLOCK, Publication, Unlock
from crawler.models.figures import DERIVE_STATE, ERA_TOUCH, DeriveState
from crawler.models.table import table_of
from crawler.models.work import CRAWL_RANGE, CRAWL_STATE
from crawler.network import Network

FIRST_SCHEDULE = 0
"""The unlock schedule of the network file, which publication 0 uses."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What one pass changed."""

    eras: tuple[int, ...]
    depth_to: int
    more: bool
    """There is more to do at once."""


def derive(engine: Engine, network: Network) -> Derived:
    """One pass in one transaction; call it again while `more`. Idempotent."""
    with write_session(engine) as session:
        state = session.execute(select(table_of(DeriveState)).with_for_update()).one()
        changed = derive_eras(session, network)
        filled = fill_volumes(session)
        give_way(session, changed)
        supply_from = _lowest(
            state.supply_from, _first_supply_to_work_out(session, network, changed)
        )
        # a supply is of every later era too: many stale eras share the one after their last pass
        if supply_from is not None and not _more_eras(session, changed):
            derive_supply(session, network, state.publication, supply_from)
            supply_from = None
        depth_to, wanted = _depths(session, network, state.depth_to)
        if (supply_from, depth_to) != (state.supply_from, state.depth_to):
            values = {"supply_from": supply_from, "depth_to": depth_to}
            session.execute(update(DeriveState).values(values))
    return Derived(tuple(changed), depth_to, bool(changed or filled) or depth_to < wanted)


def has_work(engine: Engine) -> bool:
    """Whether blocks have come since a pass left nothing to do: one question that locks nobody.

    Reads ix_era_touch_stale and the first range, besides rows of which there is one.
    """
    stale = select(ERA_TOUCH.era_id).where(ERA_TOUCH.stale).limit(1).scalar_subquery()
    lowest = select(func.min(CRAWL_RANGE.first)).scalar_subquery()
    question = select(
        stale.label("stale"),
        DERIVE_STATE.supply_from,
        DERIVE_STATE.depth_to,
        CRAWL_STATE.crawl_from,
        func.coalesce(lowest - 1, CRAWL_STATE.planned_to).label("complete_to"),
    ).join(CRAWL_STATE.id.table, CRAWL_STATE.id == DERIVE_STATE.id)
    with read_session(engine) as session:
        row = session.execute(question).one()
    deeper = row.crawl_from == 0 and row.complete_to > row.depth_to
    return row.stale is not None or row.supply_from is not None or deeper


def derive_all(engine: Engine, network: Network) -> None:
    """Passes until nothing is left to work out."""
    while derive(engine, network).more:
        pass


def ensure_first_publication(session: Session, network: Network, now: datetime) -> None:
    """Publication 0 and its schedule, on a new database."""
    if session.execute(select(DERIVE_STATE.id)).first() is None:
        session.execute(insert(DeriveState).values(id=0, depth_to=-1, publication=0))
        session.execute(insert(Publication).values(id=0, published_at=now, schedule=FIRST_SCHEDULE))
        _replace_schedule(session, network.unlock_schedule(network.genesis_time))


def _first_supply_to_work_out(session: Session, network: Network, changed: list[int]) -> int | None:
    """The lowest era whose supply may have changed; None: none."""
    if 0 in changed and _genesis_moved_schedule(session, network):
        return 0
    return min(changed, default=None)


def _lowest(*eras: int | None) -> int | None:
    return min((era for era in eras if era is not None), default=None)


def _more_eras(session: Session, changed: list[int]) -> bool:
    """Whether eras were left when this pass took its share: those of new blocks do not count."""
    if len(changed) < ERAS_A_PASS:
        return False
    stale = select(ERA_TOUCH.era_id).where(ERA_TOUCH.stale).limit(1)
    return session.execute(stale).first() is not None


def _genesis_moved_schedule(session: Session, network: Network) -> bool:
    """Steps counted from genesis count from block 0's own time, once it is held."""
    genesis = session.execute(select(BLOCK.timestamp).where(BLOCK.height == 0)).scalar()
    wanted = network.unlock_schedule(genesis or network.genesis_time)
    question = select(UNLOCK.date, UNLOCK.amount).where(UNLOCK.schedule == FIRST_SCHEDULE)
    if sorted(tuple(row) for row in session.execute(question)) == wanted:
        return False
    _replace_schedule(session, wanted)
    return True


def _replace_schedule(session: Session, steps: list[tuple[datetime, int]]) -> None:
    session.execute(delete(Unlock).where(UNLOCK.schedule == FIRST_SCHEDULE))
    if steps:
        session.execute(
            insert(Unlock),
            [
                {"schedule": FIRST_SCHEDULE, "date": date, "amount": amount}
                for date, amount in steps
            ],
        )


def _depths(session: Session, network: Network, depth_to: int) -> tuple[int, int]:
    """Height whose depths are worked out now, and the one up to which they can be."""
    crawl = session.execute(select(CRAWL_STATE.crawl_from, CRAWL_STATE.planned_to)).one()
    if crawl.crawl_from > 0:
        return depth_to, depth_to
    complete = ranges.complete_to(session, crawl.planned_to)
    if complete <= depth_to:
        return depth_to, depth_to
    return derive_depths(session, network.locked_accounts, depth_to, complete), complete
