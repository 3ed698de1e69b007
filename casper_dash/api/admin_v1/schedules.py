"""/schedules: versions of the unlock schedule, saved, staged and put away."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated

from msgspec import Meta
from sqlmodel import Session

from casper_dash.api.admin_v1.action import (
    Action,
    Answer,
    Doing,
    Motes,
    Number,
    Reason,
    WithReason,
    in_transaction,
)
from casper_dash.api.admin_v1.draft import MADE
from casper_dash.api.admin_v1.reading import CACHE, PREFIX, Everything, Reading
from casper_dash.api.kinds import MOTES, SIGNED_MOTES, TEXT, TIME, WHOLE, Field, listed, nested
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.auth.bodies import Strict
from casper_dash.decisions.schedule import (
    MOST_STEPS,
    Step,
    discard_schedule,
    save_schedule,
    saved_version,
    shortfall,
    stage_schedule,
    steps_with_notes,
)
from casper_dash.queries.operation import drafts
from casper_dash.queries.paging import Page
from crawler.models.drafts import NOTE_CHARACTERS
from crawler.network import Network

_NUMBER = Parameter("schedule", WHOLE, "The version's number.")


def _select(session: Session, _wanted: Everything, page: Page) -> Rows:
    return Rows(drafts.schedules(session, page))


def _find(session: Session, number: int, _now: datetime, network: Network) -> Found | None:
    steps = steps_with_notes(session, number)
    saved = saved_version(session, number)
    if saved is None and not steps:
        return None
    nobody = dict.fromkeys(("before", "by", "at", "reason"))
    made = nobody if saved is None else dict(saved._mapping)
    left = shortfall(network, steps)
    row = {**made, "number": number, "locked": left, "steps": [asdict(step) for step in steps]}
    return Found(row, CACHE)


_STEP = nested(
    (
        Field("date", TIME, "When it is due."),
        Field("amount", MOTES, "Motes."),
        Field("note", TEXT, "What was noted of it.", nullable=True),
    )
)
_NAMED = Field("number", WHOLE, "Its number.")
_BEFORE = Field("before", WHOLE, "The version that it was edited from.", nullable=True)

SCHEDULES = Resource(
    name="schedule_version",
    path=f"{PREFIX}/schedules",
    description="A version of the unlock schedule that a curator saved.",
    fields=(_NAMED, _BEFORE, *MADE),
    listing=Listing(
        summary="Saved versions by number",
        parameters=(),
        filter=Everything,
        select=_select,
        key=("number",),
    ),
)


def schedule(network: Network) -> Resource:
    """One version with its steps."""
    return Resource(
        name="schedule",
        path=f"{PREFIX}/schedules",
        description="A version with its steps, published or only saved.",
        fields=(
            _NAMED,
            _BEFORE,
            Field("by", TEXT, "Who saved it; null: it was not saved here.", nullable=True),
            Field("at", TIME, "When.", nullable=True),
            Field("reason", TEXT, "Why.", nullable=True),
            Field("locked", SIGNED_MOTES, "Of the genesis validators' weight, left for ever."),
            Field("steps", listed(_STEP), "Oldest first."),
        ),
        item=Item(
            summary="One version with its steps",
            find=partial(_find, network=network),
            parameter=_NUMBER,
        ),
    )


def readings(network: Network) -> tuple[Reading, ...]:
    """What is read of schedules."""
    return Reading(SCHEDULES), Reading(schedule(network))


class ScheduleStep(Strict):
    """Motes that are unlocked at a time, which names its zone."""

    date: Annotated[datetime, Meta(tz=True)]
    amount: Motes
    note: Annotated[str, Meta(max_length=NOTE_CHARACTERS)] | None = None


class SaveSchedule(Strict):
    """`seen`: the draft that it was edited from; null: there was none."""

    steps: Annotated[list[ScheduleStep], Meta(max_length=MOST_STEPS)]
    reason: Reason
    seen: Number | None = None


def _save(session: Session, doing: Doing, body: SaveSchedule) -> Answer:
    steps = [Step(each.date, int(each.amount), each.note) for each in body.steps]
    deed = doing.deed(body.reason)
    return {"number": save_schedule(session, doing.network, steps, deed, seen=body.seen)}


def _stage(session: Session, doing: Doing, body: WithReason, *, staged: bool) -> Answer:
    number = doing.path["schedule"]
    stage_schedule(session, number, doing.deed(body.reason), staged=staged)
    return {"number": number, "staged": staged}


def _discard(session: Session, doing: Doing, body: WithReason) -> Answer:
    number = doing.path["schedule"]
    discard_schedule(session, number, doing.deed(body.reason))
    return {"number": number}


ACTIONS = (
    Action(
        name="save_schedule",
        path=f"{PREFIX}/schedules/save",
        summary="Saves a new version as the draft",
        body=SaveSchedule,
        run=in_transaction(_save),
        most_bytes=512 * 1024,
    ),
    Action(
        name="stage_schedule",
        path=f"{PREFIX}/schedules/{{schedule}}/stage",
        summary="Has the draft go into the next proposal",
        body=WithReason,
        run=in_transaction(partial(_stage, staged=True)),
        within=(_NUMBER,),
    ),
    Action(
        name="unstage_schedule",
        path=f"{PREFIX}/schedules/{{schedule}}/unstage",
        summary="Keeps the draft out of the next proposal",
        body=WithReason,
        run=in_transaction(partial(_stage, staged=False)),
        within=(_NUMBER,),
    ),
    Action(
        name="discard_schedule",
        path=f"{PREFIX}/schedules/{{schedule}}/discard",
        summary="Ends the work on the draft; it can still be read",
        body=WithReason,
        run=in_transaction(_discard),
        within=(_NUMBER,),
    ),
)
