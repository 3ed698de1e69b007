"""How far the crawl has got: what is certain to be held, from genesis on."""

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from crawler.models.figures import DERIVE_STATE
from crawler.models.work import CRAWL_RANGE, CRAWL_STATE

_first_missing = select(func.min(CRAWL_RANGE.first)).scalar_subquery()
# no row where the crawl starts later than at genesis, or has not begun
_held_to = select(func.coalesce(_first_missing - 1, CRAWL_STATE.planned_to)).where(
    CRAWL_STATE.crawl_from == 0
)


def held_from_genesis_to(height: ColumnElement[int]) -> ColumnElement[bool]:
    """SQL for "every height from 0 to `height` is held".

    Reads the first entry of `crawl_range`'s key, once a statement.
    """
    return func.coalesce(height <= _held_to.scalar_subquery(), False)


def settled_height(session: Session) -> int:
    """The highest height up to which all is held from genesis on; -1 if the crawl starts later.

    Reads the row of `crawl_state` and the first entry of `crawl_range`'s key.
    """
    held_to = session.execute(_held_to).scalar()
    return -1 if held_to is None else int(held_to)


def traced_height(session: Session) -> int:
    """The highest height up to which all is held and transfers have their depth; -1 if none.

    Reads the rows of `crawl_state` and `derive_state`, and the first entry of `crawl_range`'s key.
    """
    depth_to = session.execute(select(DERIVE_STATE.depth_to)).scalar()
    return min(settled_height(session), -1 if depth_to is None else depth_to)
