"""Figures as they were known on a date: every publication's are kept."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from crawler.derive.supply import Supply
from crawler.models.decisions import PUBLICATION
from crawler.models.figures import DERIVE_STATE, ERA_SUPPLY


def publication_at(session: Session, at: datetime) -> int | None:
    """The publication that readers saw at that time; None: there was none yet."""
    seen = select(DERIVE_STATE.publication).scalar_subquery()
    question = (
        select(PUBLICATION.id)
        .where(PUBLICATION.published_at <= at, PUBLICATION.id <= seen)
        .order_by(PUBLICATION.id.desc())
        .limit(1)
    )
    return session.execute(question).scalar()


def supply_as_known(session: Session, era_id: int, at: datetime) -> tuple[int, Supply] | None:
    """The publication that readers saw at that time, and what it said of an era.

    None where there was none yet, or where it was replaced before the era began. Reads by key.
    """
    publication = publication_at(session, at)
    if publication is None:
        return None
    question = select(ERA_SUPPLY.transfers, ERA_SUPPLY.unlocks, ERA_SUPPLY.rewards).where(
        ERA_SUPPLY.publication == publication, ERA_SUPPLY.era_id == era_id
    )
    row = session.execute(question).first()
    return None if row is None else (publication, Supply(*row))
