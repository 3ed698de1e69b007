"""What a decision on a whole selection would move, before it is taken."""

from sqlalchemy import or_
from sqlmodel import Session

from casper_dash.decisions.review import ReviewedTransfer, count
from casper_dash.decisions.selection import ReviewFilter, branches
from casper_dash.queries.published import APPROVED


def would_move(session: Session, wanted: ReviewFilter, decision: str) -> int:
    """Motes by which circulating supply would rise if all that the filter matches were published
    so. Reads as `review.selected` does."""
    if decision not in ("approve", "reject"):
        return 0
    counts = or_(APPROVED.is_(None), APPROVED.is_(False)), APPROVED.is_(True)
    other = counts[0] if decision == "approve" else counts[1]
    moved: int = sum(
        count(session, [*conditions, other]).amount for conditions in branches(session, wanted)
    )
    return moved if decision == "approve" else -moved


def moved_by(rows: list[ReviewedTransfer], decision: str) -> int:
    """The same of transfers that are at hand. Pure."""
    counted = [row.published is not None and row.published.decision == "approve" for row in rows]
    pairs = list(zip(rows, counted, strict=True))
    if decision == "approve":
        return sum(row.amount for row, in_it in pairs if not in_it)
    if decision == "reject":
        return -sum(row.amount for row, in_it in pairs if in_it)
    return 0
