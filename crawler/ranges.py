"""Which heights are not held yet, shared out in ranges that are claimed with a lease.

A range leaves the table only when a count of `block` says that all of it is held: completeness
is a question to the database, never a counter.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlmodel import Session

from crawler.database import changed_rows
from crawler.models.chain import BLOCK
from crawler.models.work import CRAWL_RANGE, CrawlRange

RANGE_BLOCKS = 200
"""Small enough that a lost worker's work is little, large enough that claiming costs nothing."""
NEWEST_BLOCKS = 20
"""The newest blocks are a range of their own: a first visitor sees them within seconds."""
LEASE = timedelta(seconds=60)
_LONGEST_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Claim:
    """Heights `first` to `last`, this owner's until its lease ends."""

    first: int
    last: int
    owner: str

    @property
    def heights(self) -> range:
        return range(self.first, self.last + 1)


def plan(session: Session, first: int, last: int) -> None:
    """Adds ranges for the heights that no range covers yet, and locks those that do."""
    for low, high in uncovered(session, first, last):
        plan_new(session, low, high)


def plan_new(session: Session, first: int, last: int) -> None:
    """Adds ranges for heights that never were in one: those above all that is planned."""
    rows = [{"first": low, "last": high, "attempts": 0} for low, high in split(first, last)]
    if rows:
        session.execute(insert(CrawlRange), rows)


def drop_above(session: Session, height: int) -> None:
    """Drops what is planned above a height, and cuts the range that reaches over it."""
    session.execute(delete(CrawlRange).where(CRAWL_RANGE.first > height))
    cut = update(CrawlRange).where(CRAWL_RANGE.last > height)
    # whoever has claimed it would finish another range than the one that is there now
    session.execute(cut.values(last=height, owner=None, lease_until=None))


def uncovered(session: Session, first: int, last: int) -> list[tuple[int, int]]:
    """The parts of `first` to `last` that no range covers."""
    covered = session.execute(
        select(CRAWL_RANGE.first, CRAWL_RANGE.last)
        .where(CRAWL_RANGE.first <= last, CRAWL_RANGE.last >= first)
        .order_by(CRAWL_RANGE.first)
        .with_for_update()
    ).all()
    parts, low = [], first
    for row in covered:
        if low < row.first:
            parts.append((low, row.first - 1))
        low = max(low, row.last + 1)
    if low <= last:
        parts.append((low, last))
    return parts


def split(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Rising pieces of at most RANGE_BLOCKS; the newest NEWEST_BLOCKS apart if there are more."""
    newest = max(last - NEWEST_BLOCKS + 1, first)
    for low in range(first, newest, RANGE_BLOCKS):
        yield low, min(low + RANGE_BLOCKS, newest) - 1
    if newest <= last:
        yield newest, last


def claim(
    session: Session,
    owner: str,
    now: datetime,
    *,
    span: tuple[int, int] | None = None,
    above: int | None = None,
) -> Claim | None:
    """A free range: the lowest, or with `above` the highest that reaches over that height.

    `span` are the heights that nodes hold now: ranges that lie outside are left for later.

    Reads ix_crawl_range_lease. Locked rows are passed over where the database can (SQLite has one
    writer at a time anyway).
    """
    free = or_(CRAWL_RANGE.lease_until.is_(None), CRAWL_RANGE.lease_until < now)
    question = select(CRAWL_RANGE.first, CRAWL_RANGE.last).where(free)
    if span is not None:
        question = question.where(CRAWL_RANGE.last >= span[0], CRAWL_RANGE.first <= span[1])
    if above is None:
        question = question.order_by(CRAWL_RANGE.first)
    else:
        question = question.where(CRAWL_RANGE.last > above)
        question = question.order_by(CRAWL_RANGE.first.desc())
    found = session.execute(question.limit(1).with_for_update(skip_locked=True)).first()
    if found is None:
        return None
    session.execute(
        update(CrawlRange)
        .where(CRAWL_RANGE.first == found.first)
        .values(owner=owner, lease_until=now + LEASE, attempts=CRAWL_RANGE.attempts + 1)
    )
    return Claim(found.first, found.last, owner)


def renew(session: Session, claimed: Claim, now: datetime) -> bool:
    """Prolongs the lease; False when somebody else has taken the range over."""
    return _own(session, claimed, lease_until=now + LEASE)


def release(session: Session, claimed: Claim, *, error: str | None, now: datetime) -> None:
    """Gives the range back; after an error it waits, longer with each attempt."""
    attempts = session.execute(
        select(CRAWL_RANGE.attempts).where(CRAWL_RANGE.first == claimed.first)
    ).scalar()
    pause = min(timedelta(seconds=0.5 * 2 ** min(attempts or 0, 10)), _LONGEST_PAUSE)
    until = None if error is None else now + pause
    _own(session, claimed, owner=None, lease_until=until, last_error=error and error[:500])


def give_back(session: Session, owners: Collection[str]) -> None:
    """Frees every range of these owners at once."""
    mine = update(CrawlRange).where(CRAWL_RANGE.owner.in_(owners))
    session.execute(mine.values(owner=None, lease_until=None))


def finish(session: Session, claimed: Claim) -> bool:
    """Drops the range if every height of it is held; False if not."""
    # locked before the count: `recrawl` takes blocks of this range back under the same lock
    session.execute(select(CRAWL_RANGE.first).where(_is(claimed)).with_for_update())
    if len(held(session, claimed.first, claimed.last)) < len(claimed.heights):
        return False
    session.execute(delete(CrawlRange).where(_is(claimed)))
    return True


def held(session: Session, first: int, last: int) -> set[int]:
    """Heights from `first` to `last` whose block is stored. Reads the primary key."""
    question = select(BLOCK.height).where(BLOCK.height.between(first, last))
    return set(session.execute(question).scalars())


def complete_to(session: Session, planned_to: int) -> int:
    """The height up to which nothing is missing (from the first planned one on)."""
    lowest = session.execute(select(func.min(CRAWL_RANGE.first))).scalar()
    return planned_to if lowest is None else lowest - 1


def _own(session: Session, claimed: Claim, **values: object) -> bool:
    mine = and_(_is(claimed), CRAWL_RANGE.owner == claimed.owner)
    return changed_rows(session, update(CrawlRange).where(mine).values(**values)) > 0


def _is(claimed: Claim) -> ColumnElement[bool]:
    # a range of other heights may have been planned from the same height since
    return and_(CRAWL_RANGE.first == claimed.first, CRAWL_RANGE.last == claimed.last)
