"""The crawl as a whole: the nodes' head, the newest block held, and what is missing."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session

from crawler import orders
from crawler.models.chain import BLOCK, Block
from crawler.models.table import table_of
from crawler.models.work import CRAWL_RANGE, CRAWL_STATE, CrawlRange
from crawler.orders import Pause

MISSING_SHOWN = 1000
"""Ranges of `crawl_range` that are looked into, the newest ones."""
PAUSED_AFTER = timedelta(seconds=60)
"""A crawl that goes on asks for the head every few seconds."""
HALTED_AFTER = timedelta(minutes=5)
"""Blocks come every 8 to 66 s; with a switch block's work never this late."""
BLOCKS_IN_FLIGHT = 2
"""So many of the newest heights may be on their way while the crawl is at the head."""

HeightRange = tuple[int, int]


@dataclass(frozen=True)
class BlockPoint:
    """A block's place in the chain."""

    height: int
    hash: str
    era_id: int
    timestamp: datetime


@dataclass(frozen=True)
class Crawl:
    """What the database says of the crawl at one moment; all None or 0 before the first one.

    `missing` are ranges of heights, both ends inclusive, newest first and at most as many as
    MISSING_SHOWN ranges hold; `missing_count` counts all missing heights.
    """

    crawl_from: int = 0
    planned_to: int = -1
    head: BlockPoint | None = None
    head_seen_at: datetime | None = None
    head_changed_at: datetime | None = None
    failure: str | None = None
    pause: Pause | None = None
    """Operators have paused the crawl."""
    newest: BlockPoint | None = None
    protocol_version: str | None = None
    missing: tuple[HeightRange, ...] = ()
    missing_count: int = 0

    @property
    def expected(self) -> int:
        """Heights that are to be held, up to the head or, if that is higher, the newest held."""
        tops = [point.height for point in (self.head, self.newest) if point is not None]
        return max([self.crawl_from - 1, *tops]) - self.crawl_from + 1

    @property
    def held(self) -> int:
        """Heights from `crawl_from` that are held."""
        return self.expected - self.missing_count


def crawl_state(crawl: Crawl, now: datetime) -> str:
    """What the crawl is doing, the first of these that holds:

    - failed: it says itself that it cannot go on
    - paused: operators want it so, or nobody has asked the nodes for their head for PAUSED_AFTER
    - catching_up: a height is missing that is not among the newest BLOCKS_IN_FLIGHT
    - chain_halted: all is held, and the nodes' head, itself old, is the same since HALTED_AFTER
    - at_head: all is held
    """
    if crawl.failure is not None:
        return "failed"
    if crawl.pause is not None:
        return "paused"
    if crawl.head is None or crawl.head_seen_at is None or now - crawl.head_seen_at > PAUSED_AFTER:
        return "paused"
    if crawl.missing and crawl.missing[-1][0] <= crawl.head.height - BLOCKS_IN_FLIGHT:
        return "catching_up"
    changed = max(crawl.head.timestamp, crawl.head_changed_at or crawl.head.timestamp)
    return "chain_halted" if now - changed > HALTED_AFTER else "at_head"


def crawl(session: Session) -> Crawl:
    """The crawl as it stands: five small questions, the first that the session asks.

    Work grows with the open ranges, and with the blocks held inside the few that are begun.
    """
    _hold_snapshot(session)
    known = _with_newest(session, _known(session))
    return _with_missing(session, known)


def _hold_snapshot(session: Session) -> None:
    # a block stored between two of the questions must not be counted as missing and as held
    if session.get_bind().dialect.name != "sqlite":  # which reads one snapshot anyway
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _known(session: Session) -> Crawl:
    row: Any = session.execute(
        select(
            CRAWL_STATE.crawl_from,
            CRAWL_STATE.planned_to,
            CRAWL_STATE.head_height,
            CRAWL_STATE.head_hash,
            CRAWL_STATE.head_era_id,
            CRAWL_STATE.head_timestamp,
            CRAWL_STATE.head_seen_at,
            CRAWL_STATE.head_changed_at,
            CRAWL_STATE.failure,
        )
    ).first()
    if row is None:
        return Crawl()
    head = (row.head_height, row.head_hash, row.head_era_id, row.head_timestamp)
    return Crawl(
        crawl_from=row.crawl_from,
        planned_to=row.planned_to,
        head=None if row.head_height is None else BlockPoint(*head),
        head_seen_at=row.head_seen_at,
        head_changed_at=row.head_changed_at,
        failure=row.failure,
        pause=orders.paused(session, orders.CRAWL),
    )


def _with_newest(session: Session, known: Crawl) -> Crawl:
    height = BLOCK.height
    columns = (height, BLOCK.hash, BLOCK.era_id, BLOCK.timestamp)
    row: Any = session.execute(
        select(*columns, BLOCK.protocol_version).order_by(height.desc()).limit(1)
    ).first()
    if row is None:
        return known
    return replace(known, newest=BlockPoint(*row[:4]), protocol_version=row.protocol_version)


def _with_missing(session: Session, known: Crawl) -> Crawl:
    ranges = _open_ranges(session)
    held = _held_heights(session, ranges[-1][0]) if ranges else []
    gaps = subtract(ranges, held)
    count = _missing_in_ranges(session)
    if known.head is not None and known.head.height > known.planned_to:
        gaps.insert(0, (known.planned_to + 1, known.head.height))
        count += known.head.height - known.planned_to
    return replace(known, missing=tuple(merged(gaps)), missing_count=count)


def _open_ranges(session: Session) -> list[HeightRange]:
    """The newest ranges that are not all held, newest first. Reads the key from its end."""
    statement = select(CRAWL_RANGE.first, CRAWL_RANGE.last).order_by(CRAWL_RANGE.first.desc())
    return [(row.first, row.last) for row in session.execute(statement.limit(MISSING_SHOWN))]


def _held_heights(session: Session, lowest: int) -> list[int]:
    """Heights held inside begun ranges from `lowest` on, newest first. Reads the keys."""
    statement = _held_in_begun_ranges(BLOCK.height).where(CRAWL_RANGE.first >= lowest)
    return list(session.execute(statement.order_by(BLOCK.height.desc())).scalars())


def _missing_in_ranges(session: Session) -> int:
    """How many heights are missing in all ranges. Reads the ranges, and blocks of begun ones."""
    planned = select(func.coalesce(func.sum(CRAWL_RANGE.last - CRAWL_RANGE.first + 1), 0))
    held = _held_in_begun_ranges(func.count())
    counted = select(planned.scalar_subquery() - held.scalar_subquery())
    return int(session.execute(counted).scalar_one())


def _held_in_begun_ranges(what: ColumnElement[int]) -> Select[Any]:
    inside = BLOCK.height.between(CRAWL_RANGE.first, CRAWL_RANGE.last)
    begun = CRAWL_RANGE.attempts > 0
    return select(what).select_from(table_of(Block)).join(table_of(CrawlRange), inside).where(begun)


def subtract(ranges: Sequence[HeightRange], heights: Sequence[int]) -> list[HeightRange]:
    """What is left of `ranges` without `heights`, all of which are inside them.

    Everything is newest first, and the ranges do not overlap.
    """
    left: list[HeightRange] = []
    waiting = deque(heights)
    for first, last in ranges:
        top = last
        while waiting and waiting[0] >= first:
            height = waiting.popleft()
            if height < top:
                left.append((height + 1, top))
            top = height - 1
        if top >= first:
            left.append((first, top))
    return left


def merged(ranges: Sequence[HeightRange]) -> list[HeightRange]:
    """Neighbours made one; newest first, as given."""
    whole: list[HeightRange] = []
    for first, last in ranges:
        if whole and whole[-1][0] == last + 1:
            whole[-1] = first, whole[-1][1]
        else:
            whole.append((first, last))
    return whole
