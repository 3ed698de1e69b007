"""What operators want of the jobs: pause, resume, run now. Kept in the database, for every machine.

The crawl itself is steered the same way, under the name `crawl`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session

from crawler.database import upsert
from crawler.models.work import JOB_ORDER, JobOrder

CRAWL = "crawl"


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted of one job now."""

    paused: bool = False
    wanted: bool = False


def pause(session: Session, name: str, by: str, now: datetime) -> None:
    """The job starts no more until it is resumed; a run under way goes on."""
    _order(session, name, by, now, paused=True)


def resume(session: Session, name: str, by: str, now: datetime) -> None:
    """Takes a pause back."""
    _order(session, name, by, now, paused=False)


def run_now(session: Session, name: str, by: str, now: datetime) -> None:
    """The leader starts the job within seconds, paused or not."""
    _order(session, name, by, now, wanted_at=now)


def started(session: Session, name: str) -> None:
    """A wanted run has begun."""
    session.execute(update(JobOrder).where(JOB_ORDER.name == name).values(wanted_at=None))


def orders(session: Session) -> dict[str, Order]:
    """Job name → what is wanted of it; jobs without any order are not there."""
    question = select(JOB_ORDER.name, JOB_ORDER.paused, JOB_ORDER.wanted_at)
    return {
        row.name: Order(row.paused, row.wanted_at is not None) for row in session.execute(question)
    }


def is_paused(session: Session, name: str) -> bool:
    """Whether operators have paused it. Reads the primary key."""
    question = select(JOB_ORDER.paused).where(JOB_ORDER.name == name)
    return bool(session.execute(question).scalar())


def _order(session: Session, name: str, by: str, now: datetime, **wanted: Any) -> None:
    row = {"name": name, "paused": False, "wanted_at": None, "ordered_by": by, "ordered_at": now}
    changed = [*wanted, "ordered_by", "ordered_at"]
    upsert(session, JobOrder, [{**row, **wanted}], lambda new: {key: new[key] for key in changed})
