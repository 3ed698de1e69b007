"""The one row that curators lock: their changes follow one another, whatever a crawl does."""

from typing import Any

from sqlalchemy import Row, select, update
from sqlmodel import Session

from crawler.database import upsert
from crawler.models.drafts import CURATION, Curation
from crawler.models.table import table_of

_FIRST = {"id": 0, "last_batch": 0, "last_proposal": 0, "last_schedule": 0}


def locked(session: Session) -> Row[Any]:
    """The row of `curation`, locked until the transaction ends. Made where it is missing."""
    question = select(table_of(Curation)).with_for_update()
    row = session.execute(question).first()
    if row is None:
        first = _FIRST | {"schedule_staged": False}
        upsert(session, Curation, [first], lambda new: {"id": new.id})
        row = session.execute(question).one()
    return row


def seen(session: Session) -> Row[Any] | None:
    """The row as it is, without a lock; None where nobody has curated yet."""
    return session.execute(select(table_of(Curation))).first()


def change(session: Session, **values: Any) -> None:
    """Changes the locked row."""
    session.execute(update(Curation).where(CURATION.id == 0).values(**values))
