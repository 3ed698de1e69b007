"""Takes held blocks back, with all that was worked out from them, so that they come again."""

from sqlalchemy import delete, select, update
from sqlmodel import Session

from crawler import ranges
from crawler.derive.depth import forget_depths
from crawler.models.chain import (
    BALANCE,
    BID_ERA,
    BLOCK,
    ERA_VALIDATOR,
    REWARD,
    Balance,
    BidEra,
    EraValidator,
    Reward,
)
from crawler.models.figures import DERIVE_STATE, DeriveState
from crawler.models.work import CRAWL_STATE
from crawler.store import forget_blocks, touch_eras


def recrawl(session: Session, first: int, last: int) -> None:
    """Forgets heights `first` to `last` and plans them anew, in the session's transaction."""
    depth_to = session.execute(select(DERIVE_STATE.depth_to).with_for_update()).scalar_one()
    # before the blocks go: a worker that finishes a range over them waits, and counts after this
    planned_to = session.execute(select(CRAWL_STATE.planned_to)).scalar_one()
    ranges.plan(session, first, min(last, planned_to))
    blocks = session.execute(
        select(BLOCK.era_id, BLOCK.switch).where(BLOCK.height.between(first, last))
    ).all()
    eras = {block.era_id for block in blocks}
    ended = {block.era_id for block in blocks if block.switch}
    following = {era + 1 for era in ended}
    if first <= depth_to:
        forget_depths(session, first - 1)
        session.execute(update(DeriveState).values(depth_to=first - 1))
    session.execute(delete(EraValidator).where(ERA_VALIDATOR.era_id.in_(following)))
    session.execute(delete(Reward).where(REWARD.era_id.in_(ended)))
    session.execute(update(BidEra).where(BID_ERA.era_id.in_(ended)).values(known=False))
    session.execute(delete(Balance).where(BALANCE.height.between(first, last)))
    forget_blocks(session, first, last)
    touch_eras(session, eras | following)
