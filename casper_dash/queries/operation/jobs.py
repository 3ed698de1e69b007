"""Runs of jobs, and what operators want of jobs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, func, select
from sqlmodel import Session

from crawler.models.table import table_of
from crawler.models.work import JOB_ORDER, JOB_RUN, JobOrder, JobRun

_COLUMNS = (
    "name",
    "started_at",
    "owner",
    "ordered_by",
    "first",
    "last",
    "progress",
    "percent",
    "ended_at",
    "result",
    "error",
)


@dataclass(frozen=True)
class Run:
    """One run of a job."""

    name: str
    started_at: datetime
    owner: str
    ordered_by: str | None
    first: int | None
    last: int | None
    progress: str | None
    percent: int | None
    ended_at: datetime | None
    result: str | None
    error: str | None


@dataclass(frozen=True)
class Ordered:
    """What is wanted of a job, and by whom."""

    name: str
    paused: bool
    paused_by: str | None
    paused_at: datetime | None
    wanted_at: datetime | None
    cancel_at: datetime | None


def newest_runs(session: Session, *, name: str = "", limit: int = 50) -> list[Run]:
    """Of all jobs, or of one; the newest first. Reads ix_job_run_started, or the key."""
    question = _runs().order_by(JOB_RUN.started_at.desc(), JOB_RUN.name).limit(limit)
    if name:
        question = question.where(JOB_RUN.name == name)
    return [Run(**row._mapping) for row in session.execute(question)]


def last_runs(session: Session) -> dict[str, Run]:
    """Job name → its newest run. Reads the key's ends."""
    newest = (
        select(JOB_RUN.name, func.max(JOB_RUN.started_at).label("at"))
        .group_by(JOB_RUN.name)
        .subquery()
    )
    question = _runs().join(
        newest, and_(newest.c.name == JOB_RUN.name, newest.c.at == JOB_RUN.started_at)
    )
    return {row.name: Run(**row._mapping) for row in session.execute(question)}


def ordered(session: Session) -> dict[str, Ordered]:
    """Job name → what is wanted of it; jobs without any order are not there."""
    names = ("name", "paused", "paused_by", "paused_at", "wanted_at", "cancel_at")
    question = select(*(JOB_ORDER[name] for name in names)).select_from(table_of(JobOrder))
    rows: list[Row[Any]] = list(session.execute(question))
    return {row.name: Ordered(**row._mapping) for row in rows}


def _runs() -> Select[Any]:
    return select(*(JOB_RUN[name] for name in _COLUMNS)).select_from(table_of(JobRun))
