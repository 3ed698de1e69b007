"""Finds heights that are neither held nor planned: a restored backup leaves such behind."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlmodel import Session

from crawler import ranges
from crawler.models.chain import BLOCK
from crawler.models.work import CRAWL_STATE

_BUCKET = 10_000


def lost(session: Session) -> Iterator[tuple[int, int]]:
    """First and last height of each gap that no range covers, rising.

    Counts an index of `block` once; only where a count is short are heights looked at.
    """
    state = session.execute(select(CRAWL_STATE.crawl_from, CRAWL_STATE.planned_to)).first()
    if state is None:
        return
    counts = _counts(session, state.crawl_from, state.planned_to)
    for first in range(state.crawl_from, state.planned_to + 1, _BUCKET):
        last = min(first + _BUCKET - 1, state.planned_to)
        if counts.get((first - state.crawl_from) // _BUCKET, 0) < last - first + 1:
            for low, high in _gaps(session, first, last):
                yield from ranges.uncovered(session, low, high)


def plan_lost(session: Session) -> int:
    """Plans every lost height again; how many there were."""
    gaps = list(lost(session))
    for first, last in gaps:
        ranges.plan(session, first, last)
    return sum(last - first + 1 for first, last in gaps)


def _counts(session: Session, first: int, last: int) -> dict[int, int]:
    bucket = ((BLOCK.height - first) // _BUCKET).label("bucket")
    question = select(bucket, func.count()).where(BLOCK.height.between(first, last))
    return {int(number): count for number, count in session.execute(question.group_by(bucket))}


def _gaps(session: Session, first: int, last: int) -> Iterator[tuple[int, int]]:
    held = ranges.held(session, first, last)
    start = None
    for height in range(first, last + 2):
        missing = height <= last and height not in held
        if missing and start is None:
            start = height
        elif not missing and start is not None:
            yield start, height - 1
            start = None
