"""What others did to transfers since somebody picked them, told before he decides."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session

from casper_dash.decisions import curation
from casper_dash.decisions.errors import Conflict
from casper_dash.decisions.others import refuse_changed
from casper_dash.decisions.review import ReviewedTransfer, reviewed
from crawler.models.drafts import STAGED_DECISION

Place = tuple[int, int]

_AT_ONCE = 200
"""A server bounds how deep a question's conditions are."""


def newest_step(session: Session) -> int:
    """The number of the newest step of all. Reads by key."""
    state = curation.seen(session)
    return state.last_batch if state else 0


def stale(session: Session, picked: Mapping[Place, int]) -> list[Place]:
    """Those whose version is not the one picked, or that a proposal holds now. Reads by key."""
    held: dict[Place, int] = {}
    frozen: set[Place] = set()
    heights = sorted({height for height, _ in picked})
    question = select(
        *(STAGED_DECISION.height, STAGED_DECISION.index.label("at")),
        *(STAGED_DECISION.version, STAGED_DECISION.proposal),
    ).where(STAGED_DECISION.height.in_(heights))
    for row in session.execute(question):
        held[row.height, row.at] = row.version
        if row.proposal is not None:
            frozen.add((row.height, row.at))
    return sorted(
        place
        for place, version in picked.items()
        if held.get(place, 0) != version or place in frozen
    )


def conflict_of(session: Session, picked: Mapping[Place, int]) -> Conflict | None:
    """Who changed which of the picked transfers and when, as a decision on them would be told."""
    try:
        refuse_changed(session, stale(session, picked))
    except Conflict as conflict:
        return conflict
    return None


def all_reviewed(session: Session, places: Sequence[Place]) -> list[ReviewedTransfer]:
    """`reviewed` of any number of places, some at a time."""
    return [
        row
        for first in range(0, len(places), _AT_ONCE)
        for row in reviewed(session, list(places[first : first + _AT_ONCE]))
    ]
