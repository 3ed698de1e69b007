"""What readers see: one publication's supply, and its decisions on transfers."""

from sqlalchemy import and_, select
from sqlalchemy.sql.elements import ColumnElement

from crawler.models.chain import TRANSFER, Transfer
from crawler.models.decisions import APPROVAL
from crawler.models.figures import DERIVE_STATE, ERA_SUPPLY
from crawler.models.table import table_of

SEEN_PUBLICATION = select(DERIVE_STATE.publication).scalar_subquery()

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
