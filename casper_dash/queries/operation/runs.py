"""Runs of jobs, page by page."""

from operator import eq

from sqlalchemy import select
from sqlmodel import Session

from casper_dash.queries.paging import Page, Row, given, paged, rows
from crawler.models.work import JOB_RUN


def runs(session: Session, name: str | None, page: Page) -> list[Row]:
    """By start and name, those of one job only if it is given. Reads ix_job_run_started, or the
    key."""
    question = select(*JOB_RUN).where(*given((eq, JOB_RUN.name, name)))
    return rows(session, paged(question, [JOB_RUN.started_at, JOB_RUN.name], page))
