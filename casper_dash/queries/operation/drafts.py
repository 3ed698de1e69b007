"""What curators prepare, page by page: staged decisions, steps, schedules, labels, proposals."""

from operator import eq

from sqlalchemy import func, select
from sqlmodel import Session

from casper_dash.queries.paging import Page, Row, given, one, paged, rows
from crawler.models.drafts import (
    CURATION,
    LABEL,
    PROPOSAL,
    SCHEDULE_VERSION,
    STAGED_DECISION,
    STAGING,
    Staging,
)

_MADE = (STAGING.by, STAGING.at, STAGING.reason)


def staged(session: Session, proposal: int | None, page: Page) -> list[Row]:
    """Staged decisions by height and index, those of one proposal only if it is given.

    Reads the key, or ix_staged_proposal; steps by key.
    """
    question = (
        select(*STAGED_DECISION, *_MADE)
        .join(Staging, STAGING.number == STAGED_DECISION.origin)
        .where(*given((eq, STAGED_DECISION.proposal, proposal)))
    )
    key = [STAGED_DECISION.height, STAGED_DECISION.index]
    return rows(session, paged(question, key, page))


def steps(session: Session, by_id: str | None, page: Page) -> list[Row]:
    """Steps by number, of everybody or of one person. Reads by key."""
    question = select(*STAGING).where(*given((eq, STAGING.by_id, by_id)))
    return rows(session, paged(question, [STAGING.number], page))


def draft(session: Session) -> Row:
    """The state of the draft: numbers given so far, what is staged, which proposal is open.

    Counts staged_decision.
    """
    columns = ("last_batch", "draft_schedule", "schedule_staged", "open_proposal")
    state = one(session, select(*(CURATION[name] for name in columns)))
    nothing = {"last_batch": 0, "draft_schedule": None, "schedule_staged": False}
    counted = (
        select(STAGED_DECISION.decision, func.count())
        .where(STAGED_DECISION.proposal.is_(None))
        .group_by(STAGED_DECISION.decision)
    )
    found = {decision: count for decision, count in session.execute(counted)}  # noqa: C416 (rows)
    counts = {name: found.get(name, 0) for name in ("approve", "reject", "defer")}
    return {**(state or nothing | {"open_proposal": None}), **counts}


def schedules(session: Session, page: Page) -> list[Row]:
    """Saved versions of the unlock schedule by number. Reads by key."""
    return rows(session, paged(select(*SCHEDULE_VERSION), [SCHEDULE_VERSION.number], page))


def labels(session: Session, name: str | None, page: Page) -> list[Row]:
    """Labels by account hash, those of one name only if it is given. Reads the key, or
    ix_label_name."""
    question = select(*LABEL).where(*given((eq, LABEL.name, name)))
    return rows(session, paged(question, [LABEL.account_hash], page))


def proposals(session: Session, state: str | None, page: Page) -> list[Row]:
    """Proposals by number, with every column. Reads by key."""
    question = select(*PROPOSAL).where(*given((eq, PROPOSAL.state, state)))
    return rows(session, paged(question, [PROPOSAL.number], page))
