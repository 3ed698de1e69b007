"""What the page of sync shows, and what its forms take."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from casper_dash.admin.state import Mistake
from casper_dash.admin.words import grouped
from casper_dash.queries.network import Crawl, crawl
from casper_dash.queries.operation.jobs import Run, newest_runs
from casper_dash.queries.operation.work import Claim, Figures, claims, worked_out
from crawler.orders import Span

KINDS = {
    "recrawl": ("blocks", "Take blocks back and fetch them again"),
    "recompute": ("eras", "Work eras out anew from the blocks held"),
}
_MOST = 100_000
"""Blocks or eras in one order."""
_HIGHEST = 10**12


@dataclass(frozen=True)
class GapRow:
    """Heights that are missing."""

    first: int = 0
    last: int = 0
    count: int = 0


@dataclass(frozen=True)
class ClaimRow:
    """A range that is fetched or failed."""

    heights: str = ""
    worker: str = ""
    attempts: int = 0
    error: str = ""


@dataclass(frozen=True)
class Seen:
    """What the page reads at once."""

    crawl: Crawl
    claims: list[Claim]
    figures: Figures
    runs: list[Run]


def read_sync(session: Session, now: datetime) -> Seen:
    """What the page shows, read in one session."""
    runs = [
        run
        for name in ("recrawl", "recompute", "repair", "coverage")
        for run in newest_runs(session, name=name, limit=5)
    ]
    runs.sort(key=lambda run: run.started_at, reverse=True)
    return Seen(crawl(session), claims(session, now), worked_out(session), runs[:10])


def gap_row(first: int, last: int) -> GapRow:
    """A span of missing heights."""
    return GapRow(first, last, last - first + 1)


def claim_row(claim: Claim) -> ClaimRow:
    """A range under way, or one that failed."""
    return ClaimRow(
        f"{grouped(claim.first)} – {grouped(claim.last)}",
        claim.owner or "nobody now",
        claim.attempts,
        claim.last_error or "",
    )


def kind_of(given: Any) -> str:
    """The order's kind. Raises Mistake."""
    if given not in KINDS:
        raise Mistake("There is no such order.")
    return str(given)


def span_of(form: dict[str, Any]) -> Span:
    """The fields `first` and `last` as a span. Raises Mistake."""
    try:
        first, last = int(str(form.get("first"))), int(str(form.get("last")))
    except ValueError:
        raise Mistake("First and last are whole numbers.") from None
    if not 0 <= first <= last <= _HIGHEST:
        raise Mistake("The first comes before the last, and neither is below 0.")
    return Span(first, last)


def order_words(kind: str, span: Span) -> str:
    """What an order would do. Raises Mistake where it is too large."""
    what, does = KINDS[kind]
    count = span.last - span.first + 1
    if count > _MOST:
        raise Mistake(f"At most {grouped(_MOST)} {what} at a time.")
    return f"{does}: {grouped(count)} {what}, {grouped(span.first)} to {grouped(span.last)}."
