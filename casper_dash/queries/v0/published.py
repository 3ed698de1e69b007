"""The publication that readers see."""

from sqlalchemy import and_, select
from sqlalchemy.sql.elements import ColumnElement

from crawler.models import DERIVE_STATE, ERA_SUPPLY

SEEN_PUBLICATION = select(DERIVE_STATE.publication).scalar_subquery()


def supply_of(era_id: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition under which `era_supply` joins an era, as readers see it."""
    return and_(ERA_SUPPLY.publication == SEEN_PUBLICATION, ERA_SUPPLY.era_id == era_id)
