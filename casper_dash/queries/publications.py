"""Publications: states of the decisions that readers saw, one after the other."""

from operator import eq
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from casper_dash.queries.paging import Page, Row, given, paged, rows
from casper_dash.queries.published import SEEN_PUBLICATION
from crawler.models.decisions import APPROVAL, PUBLICATION

_COLUMNS = (
    PUBLICATION.id,
    PUBLICATION.published_at,
    PUBLICATION.published_by,
    PUBLICATION.confirmed_by,
    PUBLICATION.note,
    PUBLICATION.restores,
)


def publications(session: Session, number: int | None, page: Page) -> list[Row]:
    """Publications by id, none that is still under way; that of `number` alone, if one is given.

    Reads the key, and the whole of ix_approval_era.
    """
    seen = select(*_COLUMNS).where(PUBLICATION.id <= SEEN_PUBLICATION)
    found = rows(session, paged(seen.where(*_with(number)), [PUBLICATION.id], page))
    decided = _decided(session, [row["id"] for row in found])
    nothing = {"decisions": 0, "first_era": None}
    return [{**row, **decided.get(row["id"], nothing)} for row in found]


def newest_publication(session: Session) -> int | None:
    """The one that readers see. Reads the row of `derive_state`."""
    return session.execute(select(SEEN_PUBLICATION)).scalar()


def _with(number: int | None) -> list[Any]:
    return given((eq, PUBLICATION.id, number))


def _decided(session: Session, ids: list[int]) -> dict[int, dict[str, int]]:
    """Publication → how many transfers it decides anew, and the first era of those."""
    question = (
        select(APPROVAL.publication, func.count(), func.min(APPROVAL.era_id))
        .where(APPROVAL.publication.in_(ids))
        .group_by(APPROVAL.publication)
    )
    return {
        number: {"decisions": count, "first_era": first}
        for number, count, first in session.execute(question)
    }
