"""Runs jobs when they are due: one leader of all machines, orders and histories in the database."""

import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from crawler import job_run, leases, orders
from crawler.database import explain, transact
from crawler.feeds.source import SourceError
from crawler.job_run import Cancelled, OrderImpossible, Run
from crawler.models.work import JOB_RUN
from crawler.node.errors import NoNode
from crawler.orders import Order

log = structlog.get_logger(__name__)

_LEADER = "timetable"
_TICK_S = 2
_LEADS_FOR = timedelta(seconds=7)
_NONE = Order()
# faults of the world, told in one line; anything else is a bug, told with its traceback
_EXPECTED = (SourceError, NoNode, OrderImpossible, DBAPIError)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so often, or when it is ordered only (None); `run` answers one line
    on what came of it."""

    name: str
    every_s: float | None
    run: Callable[[Run], str]


class Timetable:
    """The jobs of one process. Only the leader of all processes runs them."""

    def __init__(self, engine: Engine, jobs: Sequence[Job], *, owner: str | None = None) -> None:
        self._engine = engine
        self._jobs = jobs
        # the end of a name tells machines of one kind apart, whose processes have the same numbers
        self._owner = owner or f"{socket.gethostname()[-50:]}:{os.getpid()}"
        self._running: set[str] = set()
        self._lock = threading.Lock()
        self._reachable = True
        self._all_written = True
        """Whether the end of every run so far is in the database."""
        self.leads = False
        self.scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1}
        )
        self.scheduler.add_job(self.tick, "interval", seconds=_TICK_S, id="tick")

    def tick(self) -> None:
        """Keeps or takes the lead and starts what is due."""
        led, all_written, self._all_written = self.leads, self._all_written, True
        try:
            due = transact(self._engine, partial(self._due, led=led, all_written=all_written))
        except DBAPIError as error:
            if self._reachable:
                log.warning("database does not answer", reason=explain(error, self._engine))
            self._reachable = self.leads = False
            self._all_written &= all_written
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

    def _due(self, session: Session, led: bool, all_written: bool) -> list[Job]:
        now = datetime.now(UTC)
        self.leads = leases.hold(session, _LEADER, self._owner, now, _LEADS_FOR)
        if not self.leads:
            return []
        if not (led or self._running):
            job_run.end_abandoned(session, now, "its process ended before it did")
        elif not all_written:
            unwritten = "its end was not written down"
            job_run.end_abandoned(session, now, unwritten, but=tuple(self._running))
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
            self._all_written = False
        finally:
            self._running.discard(job.name)

    def _recorded(self, job: Job) -> None:
        run = transact(self._engine, lambda session: self._begin(session, job))
        result, error = None, None
        try:
            result = job.run(run)
        except Cancelled as cancelled:
            result = f"cancelled: {cancelled}"
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
            log.warning(
                "job failed", job=job.name, reason=error, exc_info=not isinstance(raised, _EXPECTED)
            )
        ended = datetime.now(UTC)
        transact(self._engine, lambda session: run.end(session, ended, result, error))

    def _begin(self, session: Session, job: Job) -> Run:
        # whole milliseconds, as the key is kept
        now = datetime.now(UTC)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        ordered = job_run.begin(session, job.name, self._owner, now)
        job_run.forget_old(session, job.name, job.every_s, now)
        return Run(self._engine, job.name, now, ordered.span)


def is_due(job: Job, order: Order, started: datetime | None, now: datetime) -> bool:
    """Whether a job is to start now, given what is wanted of it and when it last started."""
    if order.wanted:
        return True
    if order.paused or job.every_s is None:
        return False
    return started is None or now - started >= timedelta(seconds=job.every_s)
