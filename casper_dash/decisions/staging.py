"""Curators' steps on the shared draft: decide on transfers, withdraw, undo. All or nothing.

A decision names the version that its curator saw; what others changed since is never overwritten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Row, Select, case, delete, func, insert, literal, select, update
from sqlmodel import Session

from casper_dash.decisions import curation
from casper_dash.decisions.deed import Deed
from casper_dash.decisions.errors import Change, Conflict, Refused
from casper_dash.decisions.others import refuse_changed, transfers_changed
from casper_dash.decisions.review import Selected, count
from casper_dash.decisions.selection import STAGED, ReviewFilter, branches
from crawler.database import upsert_from
from crawler.models.chain import TRANSFER, Transfer
from crawler.models.drafts import (
    STAGED_CHANGE,
    STAGED_DECISION,
    STAGING,
    StagedChange,
    StagedDecision,
    Staging,
)
from crawler.models.table import table_of

Decision = Literal["approve", "reject", "defer", "withdraw"]

MOST = 1000
"""Transfers in one list; more are decided by a filter."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A transfer as a curator saw it: `version` 0, nothing was staged."""

    height: int
    index: int
    version: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken: it can be undone by its number."""

    number: int
    transfers: int


def stage(session: Session, seen: Sequence[Seen], decision: Decision, deed: Deed) -> Step:
    """Decides on these transfers. Raises Conflict where any was changed since it was seen.

    Reads and writes by key.
    """
    places = _places(seen, decision)
    state = curation.locked(session)
    held = _staged(session, places)
    frozen = {place for place, row in held.items() if row.proposal is not None}
    versions = {place: row.version for place, row in held.items()}
    stale = {(each.height, each.index) for each in seen} - {
        (each.height, each.index)
        for each in seen
        if versions.get((each.height, each.index), 0) == each.version
    }
    refuse_changed(session, sorted(stale | frozen))
    _refuse_unknown(session, places)
    if decision == "withdraw" and len(versions) < len(places):
        raise Refused("nothing is staged for some of these transfers")
    number = _begin(session, state, decision, deed)
    rows = [
        {"batch": number, "height": height, "index": index, "decision": decision}
        | {"origin": number, "before": versions.get((height, index), 0)}
        for height, index in places
    ]
    session.execute(insert(StagedChange), rows)
    step = _finish(session, number)
    listed = [f"{height}/{index}" for height, index in places]
    deed.record(session, f"transfers.{decision}", f"step {number}", after={"transfers": listed})
    return step


def stage_matching(
    session: Session, wanted: ReviewFilter, shown: Selected, decision: Decision, deed: Deed
) -> Step:
    """Decides on all that the filter matches, if that is still what was `shown`.

    Raises Conflict where others changed any of it since. Reads as `page_of_transfers` does.
    """
    _check_decision(decision)
    state = curation.locked(session)
    parts = branches(session, wanted)
    _refuse_other(session, parts, shown)
    number = _begin(session, state, decision, deed)
    for conditions in parts:
        if decision == "withdraw":
            conditions.append(STAGED_DECISION.version.is_not(None))
        chosen = select(
            literal(number),
            *(TRANSFER.height, TRANSFER.index),
            literal(decision),
            literal(number),
            func.coalesce(STAGED_DECISION.version, 0),
        )
        _change(session, chosen.select_from(STAGED).where(*conditions))
    step = _finish(session, number)
    what = {"filter": _plain(wanted), "transfers": step.transfers, "motes": str(shown.amount)}
    deed.record(session, f"transfers.{decision}", f"step {number}", after=what)
    return step


def undo(session: Session, number: int, deed: Deed) -> Step:
    """Puts back what a step changed. Raises Conflict where others went on from it.

    Reads staged_change by its key.
    """
    state = curation.locked(session)
    done = session.execute(select(*STAGING).where(STAGING.number == number)).first()
    if done is None:
        raise Refused(f"there is no step {number}")
    _refuse_followed(session, number)
    new = _begin(session, state, "undo", deed, undoes=number)
    _change(session, _put_back(number, new))
    step = _finish(session, new)
    undone = {"step": number, "decision": done.decision, "transfers": step.transfers}
    deed.record(session, "transfers.undo", f"step {new}", before=undone)
    return step


def _places(seen: Sequence[Seen], decision: str) -> list[tuple[int, int]]:
    _check_decision(decision)
    if not 1 <= len(seen) <= MOST:
        raise Refused(f"decide on 1 to {MOST} transfers at once, these are {len(seen)}")
    places = sorted({(each.height, each.index) for each in seen})
    if len(places) < len(seen):
        raise Refused("a transfer is named twice")
    for height, index in places:
        if not (0 <= height < 2**63 and 0 <= index < 2**31):
            raise Refused(f"there is no native transfer {height}/{index}")
    return places


def _check_decision(decision: str) -> None:
    if decision not in get_args(Decision):
        raise Refused(f"a decision is one of {', '.join(get_args(Decision))}")


def _staged(session: Session, places: list[tuple[int, int]]) -> dict[tuple[int, int], Row[Any]]:
    heights = sorted({height for height, _ in places})
    wanted = set(places)
    question = select(*STAGED_DECISION).where(STAGED_DECISION.height.in_(heights))
    rows = ((_place(row), row) for row in session.execute(question))
    return {place: row for place, row in rows if place in wanted}


def _refuse_unknown(session: Session, places: list[tuple[int, int]]) -> None:
    heights = sorted({height for height, _ in places})
    question = select(TRANSFER.height, TRANSFER.index).where(TRANSFER.kind == "native")
    rows = session.execute(question.where(TRANSFER.height.in_(heights)))
    for height, index in sorted(set(places) - {_place(row) for row in rows}):
        raise Refused(f"there is no native transfer {height}/{index}")


def _refuse_other(session: Session, parts: list[Any], shown: Selected) -> None:
    """Unless the selection is what was shown, with nothing in it changed or frozen since."""
    found = [count(session, conditions) for conditions in parts]
    transfers = sum(row.transfers for row in found)
    if (transfers, sum(row.amount for row in found)) != (shown.transfers, shown.amount):
        what = f"matches {transfers} transfers now, {shown.transfers} were shown"
        raise Conflict([Change("the filter", what)])
    if not transfers:
        raise Refused("the filter matches no transfer")
    for conditions in parts:
        refuse_changed(session, transfers_changed(session, conditions, since=shown.mark))


def _refuse_followed(session: Session, number: int) -> None:
    """Unless each of a step's rows is as that step left it."""
    ours = table_of(StagedChange).outerjoin(
        table_of(StagedDecision),
        (STAGED_DECISION.height == STAGED_CHANGE.height)
        & (STAGED_DECISION.index == STAGED_CHANGE.index),
    )
    withdrawn = STAGED_CHANGE.decision == "withdraw"
    untouched = (withdrawn & STAGED_DECISION.version.is_(None)) | (
        ~withdrawn & (STAGED_DECISION.version == number) & STAGED_DECISION.proposal.is_(None)
    )
    question = select(STAGED_CHANGE.height, STAGED_CHANGE.index).select_from(ours)
    # a comparison with null is neither true nor false: coalesce makes it false
    question = question.where(STAGED_CHANGE.batch == number, func.coalesce(untouched, False) == 0)
    refuse_changed(session, [_place(row) for row in session.execute(question)])


def _put_back(number: int, new: int) -> Select[Any]:
    """What each row of a step was before it, as changes of the step `new`."""
    undone, before = table_of(StagedChange).alias(), table_of(StagedChange).alias()
    same = (
        (before.c.height == undone.c.height)
        & (before.c.index == undone.c.index)
        & (before.c.batch == undone.c.before)
    )
    return (
        select(
            literal(new),
            undone.c.height,
            undone.c.index,
            func.coalesce(before.c.decision, "withdraw"),
            func.coalesce(before.c.origin, new),
            case((undone.c.decision == "withdraw", 0), else_=undone.c.batch),
        )
        .select_from(undone.outerjoin(before, same))
        .where(undone.c.batch == number)
    )


def _begin(
    session: Session, state: Row[Any], decision: str, deed: Deed, undoes: int | None = None
) -> int:
    number: int = state.last_batch + 1
    curation.change(session, last_batch=number)
    row = {"number": number, "decision": decision, "transfers": 0, "undoes": undoes}
    session.execute(insert(Staging).values(**row, **deed.columns))
    return number


def _change(session: Session, chosen: Select[Any]) -> None:
    columns = ["batch", "height", "index", "decision", "origin", "before"]
    session.execute(insert(StagedChange).from_select(columns, chosen))


def _finish(session: Session, number: int) -> Step:
    """Brings the draft up to the step's changes."""
    changes = (
        select(
            *(STAGED_CHANGE.height, STAGED_CHANGE.index, TRANSFER.era_id),
            *(STAGED_CHANGE.decision, STAGED_CHANGE.origin),
            literal(number).label("version"),
        )
        .join(
            Transfer,
            (TRANSFER.height == STAGED_CHANGE.height) & (TRANSFER.index == STAGED_CHANGE.index),
        )
        .where(STAGED_CHANGE.batch == number)
    )
    changed = ("decision", "origin", "version")
    upsert_from(session, StagedDecision, changes, changed)
    withdrawn = STAGED_DECISION.decision == "withdraw"
    session.execute(delete(StagedDecision).where(STAGED_DECISION.version == number, withdrawn))
    size = select(func.count()).where(STAGED_CHANGE.batch == number)
    transfers: int = session.execute(size).scalar_one()
    session.execute(update(Staging).where(STAGING.number == number).values(transfers=transfers))
    return Step(number, transfers)


def _plain(wanted: ReviewFilter) -> dict[str, Any]:
    """The filter as JSON can hold it, amounts as text."""
    shown = {name: getattr(wanted, name) for name in ReviewFilter.__dataclass_fields__}
    return {
        name: str(value) if name.endswith("_amount") else value
        for name, value in shown.items()
        if value not in (None, ())
    }


def _place(row: Row[Any]) -> tuple[int, int]:
    # `index` of a row is a method of tuples
    return row.height, row._mapping["index"]
