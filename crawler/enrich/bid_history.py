"""Reads and writes the history of bids: what held in an era, and a newly known era's place."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, or_, select
from sqlmodel import Session

from crawler.database import upsert
from crawler.enrich.bid_state import (
    BidKey,
    BidState,
    BidValue,
    Changes,
    Kind,
    Span,
    insert_era,
)
from crawler.models.chain import BID, BID_ERA, Bid, BidEra
from crawler.models.table import table_of
from crawler.models.work import Sweep

_WRITER = "bids"


@dataclass(frozen=True, slots=True)
class EraBids:
    """The auction after an era's switch block."""

    state: dict[BidKey, BidValue]
    unbondings: bool
    """False: `state` lacks the unbondings, for 1.x nodes do not tell them."""


def bids_at(session: Session, era_id: int) -> EraBids | None:
    """What held after that era's switch block; None: not known.

    Reads ix_bid_until or ix_bid_from, whichever side of the history is shorter.
    """
    told = session.execute(
        select(BID_ERA.unbondings).where(BID_ERA.era_id == era_id, BID_ERA.known)
    ).first()
    if told is None:
        return None
    state = {span.key: span.value for span in _spans(session, era_id)}
    return EraBids(state, unbondings=told.unbondings)


def newest_known_era(session: Session) -> int | None:
    """The last era whose bids are known. Reads the primary key."""
    return session.execute(select(func.max(BID_ERA.era_id)).where(BID_ERA.known)).scalar()


def keep_era(session: Session, era_id: int, state: BidState, *, unbondings: bool) -> bool:
    """Adds an era's state to the history, in any order; False if the era is there already."""
    _take_turn(session, era_id)
    if _is_asked(session, era_id):
        return False
    before, after = _neighbours(session, era_id)
    changes = insert_era(era_id, state, _spans(session, before), _spans(session, after), after)
    _write(session, changes)
    _note(session, era_id, known=True, unbondings=unbondings)
    return True


def keep_unknown(session: Session, era_id: int) -> None:
    """Notes that no node tells that era's state, so that it is not asked for again."""
    if not _is_asked(session, era_id):
        _note(session, era_id, known=False, unbondings=False)


def _take_turn(session: Session, era_id: int) -> None:
    # two eras written at once would not see each other's spans: the row's lock lasts till commit
    row = {"name": _WRITER, "height": era_id}
    upsert(session, Sweep, [row], lambda new: {"height": new.height})


def _is_asked(session: Session, era_id: int) -> bool:
    return (
        session.execute(select(BID_ERA.era_id).where(BID_ERA.era_id == era_id)).first() is not None
    )


def _note(session: Session, era_id: int, *, known: bool, unbondings: bool) -> None:
    session.execute(insert(BidEra).values(era_id=era_id, known=known, unbondings=unbondings))


def _neighbours(session: Session, era_id: int) -> tuple[int | None, int | None]:
    known = select(func.max(BID_ERA.era_id), func.min(BID_ERA.era_id)).where(BID_ERA.known)
    before = session.execute(known.where(BID_ERA.era_id < era_id)).one()[0]
    after = session.execute(known.where(BID_ERA.era_id > era_id)).one()[1]
    return before, after


def _spans(session: Session, era_id: int | None) -> list[Span]:
    """What holds in a known era; nothing for None."""
    if era_id is None:
        return []
    found = session.execute(select(*table_of(Bid).c).where(_holds_in(era_id)))
    return [_span(row) for row in found]


def _holds_in(era_id: int) -> ColumnElement[bool]:
    return and_(BID.from_era <= era_id, or_(BID.until_era.is_(None), BID.until_era > era_id))


def _span(row: Any) -> Span:
    key = BidKey(row.validator, row.delegator, cast(Kind, row.kind), row.release_era)
    value = BidValue(row.amount, row.commission, row.inactive)
    return Span(key, row.from_era, row.until_era, value)


def _row(span: Span) -> dict[str, Any]:
    return {
        **span.key._asdict(),
        "from_era": span.from_era,
        "until_era": span.until_era,
        **span.value._asdict(),
    }


def _write(session: Session, changes: Changes) -> None:
    if changes.delete:
        bids = table_of(Bid)
        same = (column == bindparam(f"old_{column.name}") for column in bids.primary_key)
        keys = [
            {f"old_{column.name}": _row(span)[column.name] for column in bids.primary_key}
            for span in changes.delete
        ]
        session.execute(delete(bids).where(*same), keys)
    upsert(
        session,
        Bid,
        [_row(span) for span in changes.write],
        lambda new: {"until_era": new.until_era},
    )
