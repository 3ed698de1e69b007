"""Who fetches which heights, and how far figures are worked out."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from crawler.models.figures import DERIVE_STATE, ERA, ERA_TOUCH
from crawler.models.work import CRAWL_RANGE

_SHOWN = 50


@dataclass(frozen=True)
class Claim:
    """A range of heights that a worker fetches now, or that failed before."""

    first: int
    last: int
    owner: str | None
    attempts: int
    last_error: str | None


@dataclass(frozen=True)
class Figures:
    """How far what is worked out from blocks is."""

    eras: int
    stale: int
    """Eras of which blocks came since they were summed."""
    depth_to: int
    """Transfers up to this height have their depth; -1: none."""


def claims(session: Session, now: datetime) -> list[Claim]:
    """Ranges under way, then those that failed, each by height. Reads ix_crawl_range_lease."""
    held = CRAWL_RANGE.lease_until > now
    failed = CRAWL_RANGE.last_error.is_not(None)
    columns = (CRAWL_RANGE.first, CRAWL_RANGE.last, CRAWL_RANGE.owner, CRAWL_RANGE.attempts)
    question = select(*columns, CRAWL_RANGE.last_error, held.label("held")).where(held | failed)
    rows = session.execute(question.order_by(held.desc(), CRAWL_RANGE.first).limit(_SHOWN))
    return [
        Claim(row.first, row.last, row.owner if row.held else None, row.attempts, row.last_error)
        for row in rows
    ]


def worked_out(session: Session) -> Figures:
    """Counts two small tables."""
    stale = select(func.count()).select_from(ERA_TOUCH.era_id.table).where(ERA_TOUCH.stale)
    eras = session.execute(select(func.count()).select_from(ERA.id.table)).scalar_one()
    depth = session.execute(select(DERIVE_STATE.depth_to)).scalar()
    waiting = session.execute(stale).scalar_one()
    return Figures(int(eras), int(waiting), -1 if depth is None else int(depth))
