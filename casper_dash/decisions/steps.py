"""The steps of a version of the unlock schedule, published or only saved."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from crawler.models.decisions import UNLOCK
from crawler.models.drafts import SCHEDULE_STEP, SCHEDULE_VERSION


def steps_of(session: Session, number: int) -> list[tuple[datetime, int]]:
    """Time and motes of each step, oldest first. Reads by key."""
    saved = select(SCHEDULE_VERSION.number).where(SCHEDULE_VERSION.number == number)
    if session.execute(saved).first() is not None:
        question = select(SCHEDULE_STEP.date, SCHEDULE_STEP.amount).where(
            SCHEDULE_STEP.schedule == number
        )
        return [
            (row.date, row.amount) for row in session.execute(question.order_by(SCHEDULE_STEP.date))
        ]
    # the network file's, or an imported one
    older = select(UNLOCK.date, UNLOCK.amount).where(UNLOCK.schedule == number)
    return [(row.date, row.amount) for row in session.execute(older.order_by(UNLOCK.date))]
