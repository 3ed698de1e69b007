"""Delegators' rewards of indexed validators, each with its era's end."""

from sqlalchemy import and_, select
from sqlmodel import Session

from casper_dash.queries.paging import Row, rows
from crawler.models.chain import REWARD, Reward
from crawler.models.figures import ERA, Era
from crawler.models.table import table_of


def newest_rewards(
    session: Session, validator: str | None, delegator: str | None, most: int
) -> list[Row]:
    """The newest, oldest first: by era, validator and delegator. At least one key is to be given.

    Reads ix_reward_delegator, or for a validator alone each era's part of `reward`'s key.
    """
    keys = ((REWARD.validator, validator), (REWARD.delegator, delegator))
    conditions = [column == key for column, key in keys if key is not None]
    own = REWARD.delegator == ""  # a validator's own is no delegator's
    statement = (
        select(REWARD.era_id, REWARD.validator, REWARD.delegator, REWARD.amount, ERA.end)
        .select_from(table_of(Era))
        .join(table_of(Reward), and_(REWARD.era_id == ERA.id, *conditions))
        .where(~own)
        .order_by(ERA.id.desc(), REWARD.validator.desc(), REWARD.delegator.desc())
        .limit(most)
    )
    return rows(session, statement)[::-1]
