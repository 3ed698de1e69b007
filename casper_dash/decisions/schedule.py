"""The unlock schedule as versions: a curator saves one, stages it, and it goes into a proposal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlmodel import Session

from casper_dash.decisions import curation
from casper_dash.decisions.deed import Deed
from casper_dash.decisions.errors import Change, Conflict, Refused
from casper_dash.decisions.words import optional
from crawler.models.decisions import PUBLICATION, UNLOCK
from crawler.models.drafts import (
    NOTE_CHARACTERS,
    PROPOSAL,
    SCHEDULE_STEP,
    SCHEDULE_VERSION,
    ScheduleStep,
    ScheduleVersion,
)
from crawler.models.figures import DERIVE_STATE
from crawler.network import Network

MOST_STEPS = 1000
_LONGEST = timedelta(days=100 * 366)
_MOST_MOTES = 10**38


@dataclass(frozen=True, slots=True)
class Step:
    """Motes that are unlocked at a UTC time."""

    date: datetime
    amount: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A step that another version has not, or has otherwise; None: it is not there."""

    date: datetime
    before: int | None
    after: int | None


def save_schedule(
    session: Session, network: Network, steps: Sequence[Step], deed: Deed, *, seen: int | None
) -> int:
    """Saves a new version as the draft, and unstages the one before; its number.

    `seen`: the draft it was edited from. Raises Conflict where another draft was saved meanwhile,
    Refused where the steps are wrong.
    """
    checked = checked_steps(network, steps)
    state = _locked(session, seen)
    number: int = max(_newest(session), state.last_schedule) + 1
    before = seen if seen is not None else published_schedule(session)
    session.execute(insert(ScheduleVersion).values(number=number, before=before, **deed.columns))
    rows = [
        {"schedule": number, "date": step.date, "amount": step.amount, "note": step.note}
        for step in checked
    ]
    if rows:
        session.execute(insert(ScheduleStep), rows)
    values = {"last_schedule": number, "draft_schedule": number, "schedule_staged": False}
    curation.change(session, **values)
    after = {"steps": len(rows), "motes": str(sum(step.amount for step in checked))}
    deed.record(session, "schedule.save", f"schedule {number}", before=before, after=after)
    return number


def stage_schedule(session: Session, number: int, deed: Deed, *, staged: bool = True) -> None:
    """Has the draft go into the next proposal, or not. Raises Conflict where it is no longer
    the draft."""
    state = _locked(session, number)
    if state.schedule_staged == staged:
        raise Refused(f"schedule {number} is {'' if staged else 'not '}staged already")
    curation.change(session, schedule_staged=staged)
    action = "schedule.stage" if staged else "schedule.unstage"
    deed.record(session, action, f"schedule {number}")


def discard_schedule(session: Session, number: int, deed: Deed) -> None:
    """Ends the work on a draft; what was saved can still be read. Raises Conflict as above."""
    _locked(session, number)
    curation.change(session, draft_schedule=None, schedule_staged=False)
    deed.record(session, "schedule.discard", f"schedule {number}")


def checked_steps(network: Network, steps: Sequence[Step]) -> list[Step]:
    """The steps, oldest first. Raises Refused, naming the step, or by how much they are over.

    Together they unlock at most the genesis validators' weight: see `shortfall`.
    """
    if len(steps) > MOST_STEPS:
        raise Refused(f"a schedule has at most {MOST_STEPS} steps, these are {len(steps)}")
    checked = sorted((_checked(network, step) for step in steps), key=lambda step: step.date)
    for earlier, later in pairwise(checked):
        if earlier.date == later.date:
            raise Refused(f"two steps at {later.date.isoformat()}")
    over = -shortfall(network, checked)
    if over > 0:
        raise Refused(f"the steps are over the genesis validators' weight by {over} motes")
    return checked


def shortfall(network: Network, steps: Sequence[Step]) -> int:
    """Motes of the genesis validators' weight that the steps leave locked for ever; a warning
    where it is above 0."""
    return network.genesis_validators_weight - sum(step.amount for step in steps)


def steps_with_notes(session: Session, number: int) -> list[Step]:
    """A version's steps, oldest first, saved or published. Reads by key."""
    saved = select(SCHEDULE_STEP.date, SCHEDULE_STEP.amount, SCHEDULE_STEP.note)
    saved = saved.where(SCHEDULE_STEP.schedule == number).order_by(SCHEDULE_STEP.date)
    rows = session.execute(saved).all()
    if rows:
        return [Step(row.date, row.amount, row.note) for row in rows]
    older = select(UNLOCK.date, UNLOCK.amount).where(UNLOCK.schedule == number)
    return [Step(row.date, row.amount) for row in session.execute(older.order_by(UNLOCK.date))]


def differences(before: Sequence[Step], after: Sequence[Step]) -> list[Difference]:
    """What has to be done to the one version to make it the other, by date."""
    old = {step.date: step.amount for step in before}
    new = {step.date: step.amount for step in after}
    return [
        Difference(date, old.get(date), new.get(date))
        for date in sorted(old.keys() | new.keys())
        if old.get(date) != new.get(date)
    ]


def published_schedule(session: Session) -> int:
    """The number of the version that readers see."""
    seen = select(DERIVE_STATE.publication).scalar_subquery()
    question = select(PUBLICATION.schedule).where(PUBLICATION.id == seen)
    return int(session.execute(question).scalar_one())


def saved_version(session: Session, number: int) -> Row[Any] | None:
    """Who saved a version, when, why, and from which one; None: it comes from elsewhere."""
    question = select(*SCHEDULE_VERSION).where(SCHEDULE_VERSION.number == number)
    return session.execute(question).first()


def _checked(network: Network, step: Step) -> Step:
    if step.date.tzinfo is None:
        raise Refused(f"{step.date.isoformat()} names no time zone")
    if not network.genesis_time <= step.date <= network.genesis_time + _LONGEST:
        raise Refused(f"{step.date.isoformat()} is not within 100 years after genesis")
    if not 0 <= step.amount < _MOST_MOTES:
        raise Refused(f"{step.amount} motes at {step.date.isoformat()}: an amount is 0 or more")
    # whole milliseconds, as the database keeps times
    date = step.date.replace(microsecond=step.date.microsecond // 1000 * 1000)
    return Step(date, step.amount, optional("a note", step.note, NOTE_CHARACTERS))


def _locked(session: Session, seen: int | None) -> Row[Any]:
    """The locked state, if `seen` is the draft still, and no proposal holds it."""
    state = curation.locked(session)
    if state.draft_schedule != seen:
        raise Conflict([_other_draft(session, state.draft_schedule)])
    if state.open_proposal is not None and state.schedule_staged:
        held = select(PROPOSAL.by, PROPOSAL.at).where(PROPOSAL.number == state.open_proposal)
        who = session.execute(held).one()
        what = f"is in proposal {state.open_proposal}"
        raise Conflict([Change(f"schedule {seen}", what, who.by, who.at)])
    return state


def _other_draft(session: Session, number: int | None) -> Change:
    version = None if number is None else saved_version(session, number)
    if version is None:
        return Change("the draft of the schedule", "is published, or was discarded")
    return Change(f"schedule {number}", "was saved as the draft", version.by, version.at)


def _newest(session: Session) -> int:
    newest = (
        session.execute(select(func.max(column))).scalar() or 0
        for column in (UNLOCK.schedule, PUBLICATION.schedule)
    )
    return max(newest)
