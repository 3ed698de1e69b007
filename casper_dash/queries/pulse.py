"""What tells that something new can be read: asked again and again, so one small statement."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session

from casper_dash.queries.published import SEEN_PUBLICATION
from crawler.models.chain import BLOCK
from crawler.models.figures import ERA


@dataclass(frozen=True)
class Pulse:
    """The newest block and the newest complete era that are held, and the publication seen.

    None where there is none.
    """

    height: int | None = None
    era_id: int | None = None
    publication: int | None = None


def pulse(session: Session) -> Pulse:
    """The database's pulse now. Reads the ends of two keys and the row of `derive_state`."""
    complete = select(ERA.id).where(ERA.complete).order_by(ERA.id.desc()).limit(1)
    row = session.execute(
        select(
            select(func.max(BLOCK.height)).scalar_subquery(),
            complete.scalar_subquery(),
            SEEN_PUBLICATION,
        )
    ).one()
    return Pulse(*row)
