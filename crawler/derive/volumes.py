"""The motes that native transfers of an era move."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlmodel import Session

from crawler.columns import motes_sum
from crawler.models.chain import NATIVE, TRANSFER
from crawler.models.figures import ERA, Era

_ERAS_AT_ONCE = 50


def volumes(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Era → motes; an era without native transfers is left out. Reads ix_transfer_era."""
    question = (
        select(TRANSFER.era_id, motes_sum(TRANSFER.amount))
        .where(TRANSFER.era_id.in_(ids), NATIVE)
        .group_by(TRANSFER.era_id)
    )
    return {era_id: motes for era_id, motes in session.execute(question)}  # noqa: C416 (rows)


def fill_volumes(session: Session) -> int:
    """Sums the volume of eras that an earlier release worked out; how many they were.

    No such era becomes stale for it: a supply that is final stays so. Reads the eras through
    until it has found a few, which are all of them (one row an era) once none is left.
    """
    wanted = select(ERA.id).where(ERA.transfer_volume.is_(None)).limit(_ERAS_AT_ONCE)
    ids = session.execute(wanted).scalars().all()
    moved = volumes(session, ids)
    for era_id in ids:
        statement = update(Era).where(ERA.id == era_id)
        session.execute(statement.values(transfer_volume=moved.get(era_id, 0)))
    return len(ids)
