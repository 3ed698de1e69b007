"""The crawl's own row: which network the database holds, how far it is planned, the head seen."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Session

from crawler import ranges
from crawler.database import DatabaseUnusable
from crawler.models.chain import BLOCK
from crawler.models.table import table_of
from crawler.models.work import CRAWL_RANGE, CRAWL_STATE, CrawlRange, CrawlState
from crawler.parse.records import BlockReference

_BELIEVABLE_STEP_BACK = 50
"""Blocks that the head may lie lower at one look than at the last: other nodes answered."""
_PLANNED_AT_ONCE = 1_000_000
"""However high a head claims to be, planning it stays a short transaction."""


def open_crawl(session: Session, network: str, crawl_from: int) -> None:
    """Makes the row on a new database, and follows a changed CRAWL_FROM.

    Raises DatabaseUnusable when the database holds another network.
    """
    state = session.execute(select(table_of(CrawlState)).with_for_update()).first()
    if state is None:
        row = {"id": 0, "network": network, "crawl_from": crawl_from, "planned_to": crawl_from - 1}
        session.execute(insert(CrawlState).values(row))
        return
    if state.network != network:
        raise DatabaseUnusable(
            f"the database holds the network {state.network!r}, NETWORK names {network!r}:"
            " use another DATABASE_URL"
        )
    if state.crawl_from != crawl_from:
        _move_start(session, state.crawl_from, crawl_from, state.planned_to)


def _move_start(session: Session, old: int, new: int, planned_to: int) -> None:
    if new < old:
        ranges.plan(session, new, min(old - 1, planned_to))
    else:
        # a range that reaches over the new start keeps its few heights below it
        session.execute(delete(CrawlRange).where(CRAWL_RANGE.last < new))
    session.execute(update(CrawlState).values(crawl_from=new))


def note_head(session: Session, head: BlockReference, now: datetime) -> bool:
    """Keeps the head that the nodes agree on and plans what is new below it; whether it moved.

    A head that turns out far too high, one node's lie, is taken back with what it had planned.
    """
    state = session.execute(
        select(
            CRAWL_STATE.crawl_from, CRAWL_STATE.planned_to, CRAWL_STATE.head_hash
        ).with_for_update()
    ).one()
    moved = state.head_hash != head.hash
    values: dict[str, object] = {"head_seen_at": now, "failure": None}
    if moved:
        values |= {
            "head_height": head.height,
            "head_hash": head.hash,
            "head_era_id": head.era_id,
            "head_timestamp": head.timestamp,
            "head_changed_at": now,
        }
    values["planned_to"] = _planned(session, state.crawl_from, state.planned_to, head.height)
    session.execute(update(CrawlState).values(values))
    return bool(moved)


def _planned(session: Session, crawl_from: int, planned_to: int, head: int) -> int:
    """The height up to which all is planned now."""
    if head > planned_to:
        first = max(planned_to + 1, crawl_from)
        to = min(head, first + _PLANNED_AT_ONCE - 1)
        ranges.plan_new(session, first, to)
        return max(to, planned_to)
    if planned_to - head > _BELIEVABLE_STEP_BACK:
        newest = session.execute(select(func.max(BLOCK.height))).scalar()
        real = max(head, newest if newest is not None else -1)
        ranges.drop_above(session, real)
        return real
    return planned_to


def note_failure(session: Session, reason: str) -> None:
    """Keeps why the crawl cannot go on, for whoever looks at the network's state."""
    session.execute(update(CrawlState).values(failure=reason[:500]))
