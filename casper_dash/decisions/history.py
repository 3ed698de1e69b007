"""Who decided what before: a transfer's past, and the steps that can be undone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from crawler.models.decisions import APPROVAL, PUBLICATION, Publication
from crawler.models.drafts import STAGED_CHANGE, STAGING, Staging
from crawler.models.figures import DERIVE_STATE


def newest_steps(
    session: Session, *, by_id: str | None = None, before: int | None = None, limit: int = 50
) -> Sequence[Row[Any]]:
    """Steps by falling number, those below `before` only, of everybody or of one person: number,
    decision, transfers, undoes, by_id, by, at, reason. Reads by key."""
    question = select(*STAGING).order_by(STAGING.number.desc()).limit(limit)
    if by_id is not None:
        question = question.where(STAGING.by_id == by_id)
    if before is not None:
        question = question.where(STAGING.number < before)
    return session.execute(question).all()


def staged_past(session: Session, place: tuple[int, int]) -> Sequence[Row[Any]]:
    """What was done to a transfer in the draft, newest first: number of the step, the decision
    that it left, undoes, by, at, reason. Reads ix_staged_change_transfer."""
    question = (
        select(
            *(STAGING.number, STAGED_CHANGE.decision, STAGING.undoes),
            *(STAGING.by, STAGING.at, STAGING.reason),
        )
        .join(Staging, STAGING.number == STAGED_CHANGE.batch)
        .where(STAGED_CHANGE.height == place[0], STAGED_CHANGE.index == place[1])
    )
    return session.execute(question.order_by(STAGED_CHANGE.batch.desc())).all()


def published_past(session: Session, place: tuple[int, int]) -> Sequence[Row[Any]]:
    """What publications said of a transfer, newest first: publication, published_at, approved
    (null: put back to not judged), decided_by, decided_at, reason. Reads by key."""
    seen = select(DERIVE_STATE.publication).scalar_subquery()
    question = (
        select(
            *(APPROVAL.publication, PUBLICATION.published_at, APPROVAL.approved),
            *(APPROVAL.decided_by, APPROVAL.decided_at, APPROVAL.reason),
        )
        .join(Publication, PUBLICATION.id == APPROVAL.publication)
        .where(APPROVAL.height == place[0], APPROVAL.index == place[1])
        .where(APPROVAL.publication <= seen)
    )
    return session.execute(question.order_by(APPROVAL.publication.desc())).all()
