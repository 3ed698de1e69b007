"""Runs jobs when they are due: one leader of all machines, orders and histories in the database."""

import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from crawler import leases, orders
from crawler.database import explain, transact
from crawler.feeds.source import SourceError
from crawler.models.work import JOB_RUN, JobRun
from crawler.node.errors import NoNode
from crawler.orders import Order

log = structlog.get_logger(__name__)

_LEADER = "timetable"
_TICK_S = 2
_LEADS_FOR = timedelta(seconds=7)
_HISTORY = timedelta(days=30)
_NONE = Order()
# faults of the world, told in one line; anything else is a bug, told with its traceback
_EXPECTED = (SourceError, NoNode, DBAPIError)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so often; `run` answers one line on what came of it."""

    name: str
    every_s: float
    run: Callable[[], str]


class Timetable:
    """The jobs of one process. Only the leader of all processes runs them."""

    def __init__(self, engine: Engine, jobs: Sequence[Job], *, owner: str | None = None) -> None:
        self._engine = engine
        self._jobs = jobs
        self._owner = owner or f"{socket.gethostname()}:{os.getpid()}"
        self._running: set[str] = set()
        self._lock = threading.Lock()
        self._reachable = True
        self.leads = False
        self.scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1}
        )
        self.scheduler.add_job(self.tick, "interval", seconds=_TICK_S, id="tick")

    def tick(self) -> None:
        """Keeps or takes the lead and starts what is due."""
        try:
            due = transact(self._engine, self._due)
        except DBAPIError as error:
            if self._reachable:
                log.warning("database does not answer", reason=explain(error, self._engine))
            self._reachable = self.leads = False
            return
        self._reachable = True
        for job in due:
            # the scheduler's own threads would keep a process that ends until the job has ended
            threading.Thread(target=self._run, args=[job], daemon=True, name=job.name).start()

    def give_up(self) -> None:
        """Lets another process lead at once."""
        try:
            transact(self._engine, lambda session: leases.give_up(session, _LEADER, self._owner))
        except DBAPIError as error:
            log.warning("lead runs out by itself", reason=explain(error, self._engine))

    def _due(self, session: Session) -> list[Job]:
        now = datetime.now(UTC)
        self.leads = leases.hold(session, _LEADER, self._owner, now, _LEADS_FOR)
        if not self.leads:
            return []
        wanted = orders.orders(session)
        newest = select(JOB_RUN.name, func.max(JOB_RUN.started_at)).group_by(JOB_RUN.name)
        started = {name: time for name, time in session.execute(newest)}  # noqa: C416 (rows)
        return [
            job
            for job in self._jobs
            if job.name not in self._running
            and is_due(job, wanted.get(job.name, _NONE), started.get(job.name), now)
        ]

    def _run(self, job: Job) -> None:
        with self._lock:
            if job.name in self._running:
                return
            self._running.add(job.name)
        try:
            self._recorded(job)
        except DBAPIError as error:
            log.warning("job not recorded", job=job.name, reason=explain(error, self._engine))
        finally:
            self._running.discard(job.name)

    def _recorded(self, job: Job) -> None:
        run = transact(self._engine, lambda session: _begin(session, job.name, self._owner))
        result, error = None, None
        try:
            result = job.run()
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
            log.warning(
                "job failed", job=job.name, reason=error, exc_info=not isinstance(raised, _EXPECTED)
            )
        transact(self._engine, lambda session: _end(session, job.name, run, result, error))


def is_due(job: Job, order: Order, started: datetime | None, now: datetime) -> bool:
    """Whether a job is to start now, given what is wanted of it and when it last started."""
    if order.wanted:
        return True
    if order.paused:
        return False
    return started is None or now - started >= timedelta(seconds=job.every_s)


def _begin(session: Session, name: str, owner: str) -> datetime:
    # whole milliseconds, as the key is kept
    now = datetime.now(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    orders.started(session, name)
    session.execute(insert(JobRun).values(name=name, started_at=now, owner=owner))
    session.execute(delete(JobRun).where(JOB_RUN.name == name, JOB_RUN.started_at < now - _HISTORY))
    return now


def _end(
    session: Session, name: str, started: datetime, result: str | None, error: str | None
) -> None:
    session.execute(
        update(JobRun)
        .where(JOB_RUN.name == name, JOB_RUN.started_at == started)
        .values(ended_at=datetime.now(UTC), result=_short(result), error=_short(error))
    )


def _short(text: str | None) -> str | None:
    return None if text is None else text[:500]
