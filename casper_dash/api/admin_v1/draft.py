"""/draft, /draft/staged and /draft/steps: what all curators share before it is proposed."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from casper_dash.api.admin_v1.kinds import ID
from casper_dash.api.admin_v1.reading import CACHE, PREFIX, Reading
from casper_dash.api.kinds import FLAG, SIGNED_MOTES, TEXT, TIME, WHOLE, Field
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.decisions.effects import draft_effect
from casper_dash.queries.operation import drafts
from casper_dash.queries.paging import Page


@dataclass(frozen=True)
class _Staged:
    proposal: int | None = None


@dataclass(frozen=True)
class _Steps:
    by_id: str | None = None


def _staged(session: Session, wanted: _Staged, page: Page) -> Rows:
    return Rows(drafts.staged(session, wanted.proposal, page))


def _steps(session: Session, wanted: _Steps, page: Page) -> Rows:
    return Rows(drafts.steps(session, wanted.by_id, page))


def _draft(session: Session, _key: None, _now: datetime) -> Found:
    moved = draft_effect(session)
    effect = {"moves": sum(moved.values()), "first_era": min(moved, default=None)}
    return Found({**drafts.draft(session), **effect}, CACHE)


MADE = (
    Field("by", TEXT, "Who: the display name at that time."),
    Field("at", TIME, "When."),
    Field("reason", TEXT, "Why."),
)
DRAFT = Resource(
    name="draft",
    path=f"{PREFIX}/draft",
    description="What the next proposal would hold.",
    fields=(
        Field("last_batch", WHOLE, "The newest step; 0: none yet."),
        Field("approve", WHOLE, "Approvals that are staged."),
        Field("reject", WHOLE, "Rejections that are staged."),
        Field("defer", WHOLE, "Transfers that were put off; they stay here."),
        Field("moves", SIGNED_MOTES, "Motes by which circulating supply would rise by decisions."),
        Field("first_era", WHOLE, "The first era that these move.", nullable=True),
        Field("draft_schedule", WHOLE, "The schedule that is worked on.", nullable=True),
        Field("schedule_staged", FLAG, "Whether it goes into the next proposal."),
        Field("open_proposal", WHOLE, "The proposal on its way.", nullable=True),
    ),
    item=Item(summary="The draft as a whole", find=_draft),
)
STAGED = Resource(
    name="staged_decision",
    path=f"{PREFIX}/draft/staged",
    description="What is staged for a transfer.",
    fields=(
        Field("height", WHOLE, "The transfer's block."),
        Field("index", WHOLE, "Its place in the block."),
        Field("era_id", WHOLE, "Its era."),
        Field("decision", TEXT, "approve, reject or defer."),
        Field("origin", WHOLE, "The step whose author decided so."),
        Field("version", WHOLE, "The step that touched it last: what a decision must name."),
        Field("proposal", WHOLE, "The proposal that holds it; null: a draft.", nullable=True),
        *MADE,
    ),
    listing=Listing(
        summary="Staged decisions by height and index",
        parameters=(Parameter("proposal", WHOLE, "Those that it holds."),),
        filter=_Staged,
        select=_staged,
        key=("height", "index"),
    ),
)
STEPS = Resource(
    name="step",
    path=f"{PREFIX}/draft/steps",
    description="What a curator did to the draft at once; it can be undone by its number.",
    fields=(
        Field("number", WHOLE, "Its number, from 1."),
        Field("decision", TEXT, "approve, reject, defer, withdraw or undo."),
        Field("transfers", WHOLE, "How many."),
        Field("undoes", WHOLE, "The step that it undid.", nullable=True),
        Field("by_id", ID, "The id of who did it."),
        *MADE,
    ),
    listing=Listing(
        summary="Steps by number",
        parameters=(Parameter("by", ID, "Those of the person with this id.", "by_id"),),
        filter=_Steps,
        select=_steps,
        key=("number",),
    ),
)
READINGS = (Reading(DRAFT), Reading(STAGED), Reading(STEPS))
