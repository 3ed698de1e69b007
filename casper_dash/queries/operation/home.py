"""Everything that the panel's home shows, read at one moment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from casper_dash.audit import Entry, Wanted, entries
from casper_dash.queries.operation.jobs import Ordered, Run, last_runs, newest_runs, ordered
from casper_dash.queries.operation.nodes import Node, nodes
from casper_dash.queries.operation.size import database_bytes
from crawler.models.feeds import PRICE

_SHOWN = 10


@dataclass(frozen=True)
class Home:
    """What home is made of, besides the crawl itself."""

    last_runs: dict[str, Run]
    runs: list[Run]
    """Of all jobs, the newest first."""
    orders: dict[str, Ordered]
    nodes: list[Node]
    newest_price: datetime | None
    activity: list[Entry]
    database_bytes: int


def home(session: Session, now: datetime) -> Home:
    """Some small questions."""
    return Home(
        last_runs=last_runs(session),
        runs=newest_runs(session, limit=_SHOWN),
        orders=ordered(session),
        nodes=nodes(session, now),
        newest_price=session.execute(select(func.max(PRICE.hour))).scalar(),
        activity=entries(session, Wanted(), limit=_SHOWN),
        database_bytes=database_bytes(session),
    )
