"""What operators want of the jobs: pause, resume, run now, cancel. Kept in the database.

The crawl itself is steered the same way, under the name `crawl`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session

from crawler.database import upsert
from crawler.models.work import JOB_ORDER, JOB_RUN, JobOrder

CRAWL = "crawl"


@dataclass(frozen=True, slots=True)
class Span:
    """What a run is about: eras or heights, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Who paused something, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted of one job now."""

    paused: bool = False
    wanted: bool = False
    by: str | None = None
    """Who wants it run."""
    span: Span | None = None


class StillWaiting(Exception):
    """An order to run waits to be begun: another one would take its place. One line."""


def pause(session: Session, name: str, by: str, now: datetime) -> None:
    """The job starts no more until it is resumed; a run under way goes on.

    Of `crawl`: every worker of every machine stores what it has fetched, and claims nothing more.
    """
    _order(session, name, by, now, paused=True, paused_by=by, paused_at=now)


def resume(session: Session, name: str, by: str, now: datetime) -> None:
    """Takes a pause back."""
    _order(session, name, by, now, paused=False, paused_by=None, paused_at=None)


def run_now(session: Session, name: str, by: str, now: datetime, span: Span | None = None) -> None:
    """The leader starts the job within seconds, paused or not, after a run under way has ended.

    Raises StillWaiting while another span is ordered that no run has begun with.
    """
    waiting = session.execute(
        select(JOB_ORDER.wanted_at, JOB_ORDER.first, JOB_ORDER.last)
        .where(JOB_ORDER.name == name)
        .with_for_update()
    ).first()
    if waiting is not None and waiting.wanted_at and _span(waiting.first, waiting.last) != span:
        raise StillWaiting(f"{name}: an order for {waiting.first} to {waiting.last} waits")
    first, last = (None, None) if span is None else (span.first, span.last)
    _order(session, name, by, now, wanted_at=now, first=first, last=last)


def run_again(session: Session, name: str, started_at: datetime, by: str, now: datetime) -> bool:
    """Runs the job with what that run was about; False where there was no such run."""
    of_it = JOB_RUN.name == name, JOB_RUN.started_at == started_at
    run = session.execute(select(JOB_RUN.first, JOB_RUN.last).where(*of_it)).first()
    if run is None:
        return False
    run_now(session, name, by, now, _span(run.first, run.last))
    return True


def cancel(session: Session, name: str, by: str, now: datetime) -> None:
    """The run under way ends as soon as nothing is left half done, and says where; an order that
    no run has begun with is dropped. Of `crawl` there is none to end: pause it."""
    _order(session, name, by, now, cancel_at=now, wanted_at=None, first=None, last=None)


def started(session: Session, name: str) -> Order:
    """A run begins: what it was ordered with; that order is done, and so is one to cancel."""
    mine = JOB_ORDER.name == name
    row = session.execute(
        select(JOB_ORDER.wanted_at, JOB_ORDER.ordered_by, JOB_ORDER.first, JOB_ORDER.last)
        .where(mine)
        .with_for_update()
    ).first()
    done = {"wanted_at": None, "first": None, "last": None, "cancel_at": None}
    session.execute(update(JobOrder).where(mine).values(done))
    if row is None or row.wanted_at is None:
        return Order()
    return Order(wanted=True, by=row.ordered_by, span=_span(row.first, row.last))


def orders(session: Session) -> dict[str, Order]:
    """Job name → what is wanted of it; jobs without any order are not there."""
    question = select(JOB_ORDER.name, JOB_ORDER.paused, JOB_ORDER.wanted_at)
    return {
        row.name: Order(row.paused, row.wanted_at is not None) for row in session.execute(question)
    }


def paused(session: Session, name: str) -> Pause | None:
    """Who paused it and when; None: it is not paused. Reads the primary key."""
    row = session.execute(
        select(
            JOB_ORDER.paused,
            JOB_ORDER.paused_by,
            JOB_ORDER.paused_at,
            JOB_ORDER.ordered_by,
            JOB_ORDER.ordered_at,
        ).where(JOB_ORDER.name == name)
    ).first()
    if row is None or not row.paused:
        return None
    # a pause of a release before these columns
    return Pause(row.paused_by or row.ordered_by, row.paused_at or row.ordered_at)


def is_paused(session: Session, name: str) -> bool:
    """Whether operators have paused it. Reads the primary key."""
    question = select(JOB_ORDER.paused).where(JOB_ORDER.name == name)
    return bool(session.execute(question).scalar())


def is_cancelled(session: Session, name: str) -> bool:
    """Whether the run under way is to end. Reads the primary key."""
    question = select(JOB_ORDER.cancel_at).where(JOB_ORDER.name == name)
    return session.execute(question).scalar() is not None


def _span(first: int | None, last: int | None) -> Span | None:
    return None if first is None or last is None else Span(first, last)


def _order(session: Session, name: str, by: str, now: datetime, **wanted: Any) -> None:
    row = {"name": name, "paused": False, "ordered_by": by[:100], "ordered_at": now}
    changed = [*wanted, "ordered_by", "ordered_at"]
    upsert(session, JobOrder, [{**row, **wanted}], lambda new: {key: new[key] for key in changed})
