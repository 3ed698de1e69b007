"""What readers see: one publication's supply, and its decisions on transfers."""

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from crawler.models.chain import TRANSFER, Transfer
from crawler.models.decisions import APPROVAL, Approval
from crawler.models.figures import DERIVE_STATE, ERA_SUPPLY
from crawler.models.table import table_of

SEEN_PUBLICATION = select(DERIVE_STATE.publication).scalar_subquery()

_newest = (
    select(func.max(APPROVAL.publication))
    .where(APPROVAL.height == TRANSFER.height, APPROVAL.index == TRANSFER.index)
    .where(APPROVAL.publication <= SEEN_PUBLICATION)
    .correlate(table_of(Transfer))
    .scalar_subquery()
)
DECISION = aliased(table_of(Approval))
IS_DECISION = and_(
    DECISION.c.height == TRANSFER.height,
    DECISION.c.index == TRANSFER.index,
    DECISION.c.publication == _newest,
)
"""The condition under which DECISION is the newest published one on a row of `transfer`."""

APPROVED = (
    select(APPROVAL.approved)
    .where(APPROVAL.height == TRANSFER.height, APPROVAL.index == TRANSFER.index)
    .where(APPROVAL.publication <= SEEN_PUBLICATION)
    .order_by(APPROVAL.publication.desc())
    .limit(1)
    .correlate(table_of(Transfer))
    .scalar_subquery()
)
"""The newest published decision on a row of `transfer`; null: not judged."""


def supply_of(era_id: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition under which `era_supply` joins an era, as readers see it."""
    return and_(ERA_SUPPLY.publication == SEEN_PUBLICATION, ERA_SUPPLY.era_id == era_id)
