"""/jobs: which there are, how their runs went, and what operators want of them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from msgspec import Meta
from sqlmodel import Session

from casper_dash.api.admin_v1.action import Action, Answer, Doing, in_transaction
from casper_dash.api.admin_v1.reading import PREFIX, Everything, Reading
from casper_dash.api.kinds import FLAG, TEXT, TIME, WHOLE, Field, pattern
from casper_dash.api.parameters import Parameter
from casper_dash.api.problems import NotFound
from casper_dash.api.resource import Listing, Resource, Rows
from casper_dash.auth.bodies import Nothing, Strict
from casper_dash.queries.operation.jobs import last_runs, ordered
from casper_dash.queries.operation.runs import runs
from casper_dash.queries.paging import Page, Row, page_of
from crawler import orders

_JOB = pattern("[a-z_]{1,50}", "a job's name")
_NAMED = Parameter("job", _JOB, "The job's name.")
_UNORDERED = {"paused": False, "paused_by": None, "paused_at": None, "wanted_at": None}


@dataclass(frozen=True)
class _Runs:
    job: str | None = None


def _runs(session: Session, wanted: _Runs, page: Page) -> Rows:
    return Rows(runs(session, wanted.job, page))


RUNS = Resource(
    name="run",
    path=f"{PREFIX}/jobs/runs",
    description="One run of a job.",
    fields=(
        Field("name", _JOB, "The job."),
        Field("started_at", TIME, "When it began."),
        Field("owner", TEXT, "The process that runs it."),
        Field("ordered_by", TEXT, "Who wanted it; null: it was due.", nullable=True),
        Field("first", WHOLE, "The first era or block that it is about.", nullable=True),
        Field("last", WHOLE, "The last one.", nullable=True),
        Field("progress", TEXT, "How far it is, in words.", nullable=True),
        Field("percent", WHOLE, "How far it is; null: it does not say.", nullable=True),
        Field("ended_at", TIME, "When it ended; null: it goes on.", nullable=True),
        Field("result", TEXT, "What came of it.", nullable=True),
        Field("error", TEXT, "Why it failed.", nullable=True),
    ),
    listing=Listing(
        summary="Runs by start",
        parameters=(Parameter("job", _JOB, "Those of this job."),),
        filter=_Runs,
        select=_runs,
        key=("started_at", "name"),
    ),
)


def readings(names: Sequence[str]) -> tuple[Reading, ...]:
    """What is read of jobs and runs."""

    def jobs(session: Session, _wanted: Everything, page: Page) -> Rows:
        last, wanted = last_runs(session), ordered(session)
        every = [_row(name, wanted.get(name), last.get(name)) for name in names]
        return Rows(page_of(every, ("name",), page))

    of_jobs = Resource(
        name="job",
        path=f"{PREFIX}/jobs",
        description="A job of the timetable, or one that is ordered.",
        fields=(
            Field("name", _JOB, "Its name."),
            Field("paused", FLAG, "Whether operators have paused it."),
            Field("paused_by", TEXT, "Who has.", nullable=True),
            Field("paused_at", TIME, "When.", nullable=True),
            Field("wanted_at", TIME, "When a run was ordered that waits.", nullable=True),
            Field("started_at", TIME, "When its last run began.", nullable=True),
            Field("ended_at", TIME, "When that ended; null: it goes on.", nullable=True),
            Field("error", TEXT, "Why that failed.", nullable=True),
        ),
        listing=Listing(
            summary="Jobs by name",
            parameters=(),
            filter=Everything,
            select=jobs,
            key=("name",),
            descending=False,
        ),
    )
    return Reading(of_jobs), Reading(RUNS)


def _row(name: str, order: Any, run: Any) -> Row:
    last = {each: getattr(run, each, None) for each in ("started_at", "ended_at", "error")}
    wanted = _UNORDERED if order is None else asdict(order)
    return {**wanted, **last, "name": name}


class RunAgain(Strict):
    """Which run: the job's name, and when it began."""

    started_at: Annotated[datetime, Meta(tz=True)]


def _run(session: Session, doing: Doing, _body: Nothing, job: str) -> None:
    orders.run_now(session, job, doing.person.name, doing.now)


def _again(session: Session, doing: Doing, body: RunAgain, job: str) -> None:
    by = doing.person.name
    if not orders.run_again(session, job, body.started_at, by, doing.now):
        raise NotFound(f"that run of {job} is not kept")


def _pause(session: Session, doing: Doing, _body: Nothing, job: str) -> None:
    orders.pause(session, job, doing.person.name, doing.now)


def _resume(session: Session, doing: Doing, _body: Nothing, job: str) -> None:
    orders.resume(session, job, doing.person.name, doing.now)


def _cancel(session: Session, doing: Doing, _body: Nothing, job: str) -> None:
    orders.cancel(session, job, doing.person.name, doing.now)


Order = Callable[[Session, Doing, Any, str], None]


def _order(session: Session, doing: Doing, body: Strict, names: Sequence[str], deed: str) -> Answer:
    """Orders it of a job that there is: anybody could name a million others."""
    job: str = doing.path["job"]
    if job not in names:
        raise NotFound(f"there is no job {job}")
    _ORDERS[deed][1](session, doing, body, job)
    doing.note(session, f"job.{deed.replace('-', '_')}", f"job {job}")
    return {"job": job}


_ORDERS: dict[str, tuple[str, Order, type[Strict]]] = {
    "run": ("Has a job run within seconds", _run, Nothing),
    "run-again": ("Runs a job with what an earlier run was about", _again, RunAgain),
    "pause": ("Has a job start no more", _pause, Nothing),
    "resume": ("Has a job start again when it is due", _resume, Nothing),
    "cancel": ("Has the run under way end, and drops an order", _cancel, Nothing),
}


def actions(names: Sequence[str]) -> tuple[Action, ...]:
    """What is done with jobs of these names."""
    return tuple(
        Action(
            name=f"{deed}_job".replace("-", "_"),
            path=f"{PREFIX}/jobs/{{job}}/{deed}",
            summary=summary,
            body=body,
            run=in_transaction(partial(_order, names=names, deed=deed)),
            within=(_NAMED,),
        )
        for deed, (summary, _change, body) in _ORDERS.items()
    )
