"""The state of the whole in a line, for the top of every page of the panel."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from casper_dash.queries.network import crawl, crawl_state


@dataclass(frozen=True)
class Pill:
    """`state` as `crawl_state` says it, "" before the first look. Heights are None before the
    crawl knows them."""

    state: str = ""
    network: str = ""
    head: int | None = None
    newest: int | None = None
    newest_at: str | None = None
    """RFC 3339."""
    lag: int | None = None
    """Blocks."""
    held: int = 0
    expected: int = 0
    missing: int = 0
    failure: str = ""


def pill(session: Session, now: datetime) -> Pill:
    """The crawl now; reads what `crawl` reads."""
    found = crawl(session)
    head = found.head.height if found.head else None
    newest = found.newest.height if found.newest else None
    return Pill(
        state=crawl_state(found, now),
        head=head,
        newest=newest,
        newest_at=found.newest.timestamp.isoformat() if found.newest else None,
        lag=None if head is None else max(head - (newest if newest is not None else -1), 0),
        held=found.held,
        expected=found.expected,
        missing=found.missing_count,
        failure=found.failure or "",
    )
