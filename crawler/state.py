"""The crawl's own row: which network the database holds, how far it is planned, the head seen."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session

from crawler import ranges
from crawler.database import DatabaseUnusable
from crawler.models import CRAWL_RANGE, CRAWL_STATE, CrawlRange, CrawlState, table_of
from crawler.parse.records import BlockReference


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
        ranges.plan(session, new, old - 1)
    else:
        # a range that reaches over the new start keeps its few heights below it
        session.execute(delete(CrawlRange).where(CRAWL_RANGE.last < new))
    session.execute(update(CrawlState).values(crawl_from=new, planned_to=max(planned_to, new - 1)))


def note_head(session: Session, head: BlockReference, now: datetime) -> bool:
    """Keeps the head that the nodes agree on and plans what is new below it; whether it moved."""
    state = session.execute(
        select(CRAWL_STATE.planned_to, CRAWL_STATE.head_hash).with_for_update()
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
    if head.height > state.planned_to:
        ranges.plan(session, state.planned_to + 1, head.height)
        values["planned_to"] = head.height
    session.execute(update(CrawlState).values(values))
    return bool(moved)


def note_failure(session: Session, reason: str) -> None:
    """Keeps why the crawl cannot go on, for whoever looks at the network's state."""
    session.execute(update(CrawlState).values(failure=reason[:500]))
