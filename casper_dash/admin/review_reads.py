"""What the review page reads of the database in one go."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from casper_dash.admin.review_rows import Place
from casper_dash.decisions.errors import Conflict
from casper_dash.decisions.history import newest_steps
from casper_dash.decisions.meanwhile import all_reviewed, conflict_of, newest_step, stale
from casper_dash.decisions.moving import moved_by, would_move
from casper_dash.decisions.review import (
    ReviewedTransfer,
    Selected,
    Sort,
    names_of,
    page_of_transfers,
    selected,
)
from casper_dash.decisions.selection import ReviewFilter
from casper_dash.queries.paging import Page
from casper_dash.queries.published import SEEN_PUBLICATION
from casper_dash.queries.supply import SupplyFilter, supply
from casper_dash.settings import AppSettings
from crawler.models.chain import BLOCK
from crawler.network import load_network
from crawler.settings import load_settings


@cache
def locked_accounts() -> frozenset[str]:
    """Those of this network from which the money that is decided on came."""
    return load_network(load_settings(AppSettings).network_name).locked_accounts


Mark = tuple[int, int, int]
ROWS = 50
STEPS = 20
_SAMPLES = 10


@dataclass(frozen=True)
class Wanted:
    """Which rows, and what is known already, so that it is not counted again."""

    filter: ReviewFilter
    sort: Sort
    start: tuple[Any, ...] | None
    picked: Mapping[Place, int]
    known: Mark | None
    """When everything was last read and `picked` compared; None: read anew."""
    count: bool
    """Whether to count what matches: it reads all of it, which a click does not wait for."""
    locked: frozenset[str]


@dataclass(frozen=True)
class Read:
    """The answer. `matching` is None where it was not counted."""

    rows: list[ReviewedTransfer]
    more: bool
    mark: Mark
    matching: Selected | None
    conflict: Conflict | None
    steps: list[Any]
    vaults: list[tuple[str, str]]


@dataclass(frozen=True)
class Question:
    """What a decision would be about and what it would move."""

    shown: Selected
    moves: int
    circulating: int


def mark_of(session: Session) -> Mark:
    """What stands still while no curator, publication or crawl changes anything. Reads keys."""
    seen = session.execute(select(SEEN_PUBLICATION)).scalar_one() or 0
    newest = session.execute(select(func.max(BLOCK.height))).scalar() or 0
    return newest_step(session), int(seen), int(newest)


def read_page(session: Session, wanted: Wanted) -> Read | None:
    """A page of rows, and what changed since the last look; None: nothing did.

    Reads the marks alone then: every open page asks every two seconds.
    """
    mark = mark_of(session)
    if mark == wanted.known:
        return None
    rows = page_of_transfers(
        session, wanted.filter, Page(ROWS + 1, start=wanted.start), wanted.sort
    )
    names = names_of(session, wanted.locked)
    return Read(
        rows=rows[:ROWS],
        more=len(rows) > ROWS,
        mark=mark,
        matching=selected(session, wanted.filter) if wanted.count else None,
        conflict=conflict_of(session, wanted.picked),
        steps=list(newest_steps(session, limit=STEPS)),
        vaults=[(account, names.get(account, account[:12])) for account in sorted(wanted.locked)],
    )


def changed_of(
    session: Session, picked: Mapping[Place, int]
) -> dict[Place, tuple[int, int] | None]:
    """Version and amount, as they are now, of those that others changed; None: a proposal holds
    it, or it has gone."""
    places = stale(session, picked)
    rows = {(row.height, row.index): row for row in all_reviewed(session, places)}
    return {
        place: (row.version, row.amount) if row and row.proposal is None else None
        for place, row in ((place, rows.get(place)) for place in places)
    }


def question_of_picked(session: Session, places: list[Place], decision: str) -> Question:
    """Of these transfers."""
    rows = all_reviewed(session, places)
    eras = [row.era_id for row in rows]
    biggest = sorted(rows, key=lambda row: row.amount, reverse=True)[:_SAMPLES]
    shown = Selected(
        transfers=len(rows),
        amount=sum(row.amount for row in rows),
        first_era=min(eras, default=None),
        last_era=max(eras, default=None),
        samples=tuple(biggest),
        mark=newest_step(session),
    )
    return Question(shown, moved_by(rows, decision), _circulating(session))


def question_of_matching(session: Session, wanted: ReviewFilter, decision: str) -> Question:
    """Of all that the filter matches now."""
    shown = selected(session, wanted)
    return Question(shown, would_move(session, wanted, decision), _circulating(session))


def _circulating(session: Session) -> int:
    found = supply(session, SupplyFilter())
    return (found.circulating or 0) if found else 0


def start_behind(row: ReviewedTransfer, sort: Sort) -> tuple[Any, ...]:
    """The key behind which the next page begins."""
    place = (row.height, row.index)
    return place if sort == "height" else (row.amount, *place)
