"""A run of a job under way: what it was ordered with, what it tells, whether it is to end."""

import time
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Engine, Update, delete, insert, update
from sqlmodel import Session

from crawler import orders
from crawler.database import transact
from crawler.models.work import JOB_RUN, JobRun
from crawler.orders import Span

_TELL_S = 1.0
_LONGEST = 500
_HISTORY, _LEAST_HISTORY = timedelta(days=30), timedelta(days=1)
_RUNS_KEPT = 2000
"""About so many runs of a job that comes often are kept, and a day of them at least."""


class OrderImpossible(Exception):
    """What was ordered cannot be done; the message is one line that says why."""


class Cancelled(Exception):
    """An operator cancelled the run; the message says where it ended."""


def begin(session: Session, name: str, owner: str, now: datetime) -> orders.Order:
    """Keeps that a run of `now` begins; what it was ordered with."""
    ordered = orders.started(session, name)
    first, last = (None, None) if ordered.span is None else (ordered.span.first, ordered.span.last)
    row = {"name": name, "started_at": now, "owner": owner, "ordered_by": ordered.by}
    session.execute(insert(JobRun).values(**row, first=first, last=last))
    return ordered


def forget_old(session: Session, name: str, every_s: float | None, now: datetime) -> None:
    """Drops old runs of a job: those of a month ago, or sooner where it comes often."""
    kept = _HISTORY
    if every_s is not None:
        kept = max(min(timedelta(seconds=every_s * _RUNS_KEPT), _HISTORY), _LEAST_HISTORY)
    session.execute(delete(JobRun).where(JOB_RUN.name == name, JOB_RUN.started_at < now - kept))


def end_abandoned(session: Session, now: datetime, why: str, but: Collection[str] = ()) -> None:
    """Ends the runs that nobody will: all that are under way, `but` those of these jobs."""
    abandoned = update(JobRun).where(JOB_RUN.ended_at.is_(None), JOB_RUN.name.not_in(sorted(but)))
    session.execute(abandoned.values(ended_at=now, error=why))


class Run:
    """What a job is given. Its progress is in the database, for whoever looks."""

    def __init__(self, engine: Engine, name: str, started_at: datetime, span: Span | None) -> None:
        self._engine = engine
        self.name = name
        self.started_at = started_at
        self.span = span
        """What it is about; None where the order did not say, or there was none."""
        self._told_at = float("-inf")

    def tell(self, progress: str, done: int = 0, of: int = 0) -> None:
        """How far the run is, for people; written once a second at most.

        To be called where the run can end with nothing half done: raises Cancelled then, if it
        is to.
        """
        now = time.monotonic()
        if now - self._told_at < _TELL_S:
            return
        self._told_at = now
        percent = min(100 * done // of, 100) if of else None
        if transact(self._engine, lambda session: self._write(session, progress, percent)):
            raise Cancelled(progress)

    def _write(self, session: Session, progress: str, percent: int | None) -> bool:
        session.execute(self._own().values(progress=progress[:200], percent=percent))
        return orders.is_cancelled(session, self.name)

    def end(self, session: Session, now: datetime, result: str | None, error: str | None) -> None:
        """Keeps what came of it."""
        values = {"ended_at": now, "result": _short(result), "error": _short(error)}
        session.execute(self._own().values(values))

    def _own(self) -> Update:
        mine = JOB_RUN.name == self.name, JOB_RUN.started_at == self.started_at
        return update(JobRun).where(*mine)


def _short(text: str | None) -> str | None:
    return None if text is None else text[:_LONGEST]
