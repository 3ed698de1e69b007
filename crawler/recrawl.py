"""Takes held blocks back, with all that was worked out from them, so that they come again."""

from sqlalchemy import delete, select, update
from sqlmodel import Session

from crawler import ranges
from crawler.derive.depth import forget_depths
from crawler.models import (
    BLOCK,
    CRAWL_RANGE,
    DERIVE_STATE,
    ERA_VALIDATOR,
    REWARD,
    DeriveState,
    EraValidator,
    Reward,
)
from crawler.store import forget_blocks, touch_eras


def recrawl(session: Session, first: int, last: int) -> None:
    """Forgets heights `first` to `last` and plans them anew, in the session's transaction."""
    eras = set(
        session.execute(
            select(BLOCK.era_id).where(BLOCK.height.between(first, last)).distinct()
        ).scalars()
    )
    depth_to = session.execute(select(DERIVE_STATE.depth_to).with_for_update()).scalar_one()
    if first <= depth_to:
        forget_depths(session, first - 1)
        session.execute(update(DeriveState).values(depth_to=first - 1))
    following = {era + 1 for era in eras}
    session.execute(delete(EraValidator).where(ERA_VALIDATOR.era_id.in_(following)))
    session.execute(delete(Reward).where(REWARD.era_id.in_(eras)))
    forget_blocks(session, first, last)
    touch_eras(session, eras | following)
    for low, high in _unplanned(session, first, last):
        ranges.plan(session, low, high)


def _unplanned(session: Session, first: int, last: int) -> list[tuple[int, int]]:
    """The parts of `first` to `last` that no range covers."""
    covered = session.execute(
        select(CRAWL_RANGE.first, CRAWL_RANGE.last)
        .where(CRAWL_RANGE.first <= last, CRAWL_RANGE.last >= first)
        .order_by(CRAWL_RANGE.first)
    ).all()
    parts, low = [], first
    for row in covered:
        if low < row.first:
            parts.append((low, row.first - 1))
        low = max(low, row.last + 1)
    if low <= last:
        parts.append((low, last))
    return parts
