"""What curators prepare and nobody else sees: staged decisions, schedules, labels, proposals."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlmodel import Field, SQLModel

from crawler.columns import Height, Hex, Motes, UtcTime
from crawler.models.decisions import NAME_CHARACTERS, REASON_CHARACTERS
from crawler.models.table import TEXT, Base, column, key, optional, table_of

_PERSON_CHARACTERS = 64
LABEL_NAME_CHARACTERS = 32
LABEL_COMMENT_CHARACTERS = 255
LABEL_SOURCE_CHARACTERS = 255
NOTE_CHARACTERS = 255


class _Made(SQLModel):
    """Who made a row, when and why."""

    by_id: str = column(String(_PERSON_CHARACTERS))
    by: str = column(String(NAME_CHARACTERS))
    """Display name at that time."""
    at: datetime = column(UtcTime)
    reason: str = column(String(REASON_CHARACTERS))


class Curation(Base, table=True):
    """The one row that curators lock before they change anything, and the numbers given so far."""

    id: int = key(Height)
    last_batch: int = column(Height, default=0)
    last_proposal: int = column(Height, default=0)
    last_schedule: int = column(Height, default=0)
    draft_schedule: int | None = optional(Height)
    """The newest version of the schedule that is worked on; null: none since the last one."""
    schedule_staged: bool = False
    """The draft schedule goes into the next proposal."""
    open_proposal: int | None = optional(Height)


class Staging(_Made, Base, table=True):
    """One step of a curator: the same decision on some transfers, or the undoing of a step."""

    number: int = key(Height)
    decision: str = column(String(8))
    """approve, reject, defer, withdraw or undo."""
    transfers: int
    undoes: int | None = optional(Height)


class StagedDecision(Base, table=True):
    """What is staged for a transfer: one draft, which all curators share."""

    __tablename__ = "staged_decision"
    __table_args__ = (
        Index("ix_staged_proposal", "proposal", "height", "index"),  # a proposal's rows
        Index("ix_staged_version", "version"),  # what a step left; what changed since one
        TEXT,
    )

    height: int = key(Height)
    index: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    era_id: int = column(Height)
    decision: str = column(String(8))
    """approve, reject or defer."""
    origin: int = column(Height)
    """The step whose author decided so."""
    version: int = column(Height)
    """The step that touched it last: later than `origin` where that was restored by an undo."""
    proposal: int | None = optional(Height)
    """Frozen there; null: still a draft."""


class StagedChange(Base, table=True):
    """What a step did to a transfer: the history from which it can be undone."""

    __tablename__ = "staged_change"
    __table_args__ = (
        Index("ix_staged_change_transfer", "height", "index", "batch"),  # a transfer's history
        TEXT,
    )

    batch: int = key(Height)
    height: int = key(Height)
    index: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    decision: str = column(String(8))
    """approve, reject, defer or withdraw."""
    origin: int = column(Height)
    before: int = column(Height)
    """The version that it replaced; 0: nothing was staged."""


class TransferComment(Base, table=True):
    """One line of the talk about a transfer."""

    __tablename__ = "transfer_comment"

    height: int = key(Height)
    index: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = key(Height)
    by_id: str = column(String(_PERSON_CHARACTERS))
    by: str = column(String(NAME_CHARACTERS))
    at: datetime = column(UtcTime)
    text: str = column(Text())


class ScheduleVersion(_Made, Base, table=True):
    """A version of the unlock schedule as a curator saved it. Never changed: an edit is a new
    one. It is published under the same number."""

    __tablename__ = "schedule_version"

    number: int = key(Height)
    before: int = column(Height)
    """The version that it was edited from."""


class ScheduleStep(Base, table=True):
    """One step of a saved version."""

    __tablename__ = "schedule_step"

    schedule: int = key(Height)
    date: datetime = key(UtcTime)
    amount: int = column(Motes)
    note: str | None = optional(String(NOTE_CHARACTERS))


class Label(Base, table=True):
    """What an account is called, and what kind it is; `known_account` has what readers see."""

    __table_args__ = (Index("ix_label_name", "name"), TEXT)  # an account by its name

    account_hash: str = key(Hex(32))
    name: str | None = optional(String(LABEL_NAME_CHARACTERS))
    comment: str | None = optional(String(LABEL_COMMENT_CHARACTERS))
    kind: str | None = optional(String(16))
    source: str | None = optional(String(LABEL_SOURCE_CHARACTERS))
    public: bool
    """False: only administrators see it."""
    version: int = column(Height)


class LabelChange(_Made, Base, table=True):
    """A label as a curator saved it: its history."""

    __tablename__ = "label_change"

    account_hash: str = key(Hex(32))
    version: int = key(Height)
    name: str | None = optional(String(LABEL_NAME_CHARACTERS))
    comment: str | None = optional(String(LABEL_COMMENT_CHARACTERS))
    kind: str | None = optional(String(16))
    source: str | None = optional(String(LABEL_SOURCE_CHARACTERS))
    public: bool


class Proposal(_Made, Base, table=True):
    """Staged decisions and a schedule on their way to a publication, or an earlier one to be put
    back. One is open at a time."""

    number: int = key(Height)
    state: str = column(String(12))
    """proposed, approved, working, published, failed, withdrawn or rolled_back."""
    base: int = column(Height)
    """The publication that readers saw when it was proposed."""
    restores: int | None = optional(Height)
    """The publication to put back; null: the draft is published."""
    schedule: int = column(Height)
    """The schedule of the new publication."""
    decisions: int = column(Height)
    confirmed_by_id: str | None = optional(String(_PERSON_CHARACTERS))
    confirmed_by: str | None = optional(String(NAME_CHARACTERS))
    confirmed_at: datetime | None = optional(UtcTime)
    publication: int | None = optional(Height)
    """The id that it gets; its rows are unseen until the pointer moves there."""
    worker: str | None = optional(String(_PERSON_CHARACTERS))
    lease_until: datetime | None = optional(UtcTime)
    """A worker that says nothing for so long is taken to be dead."""
    done: int = column(Height, default=0)
    total: int = column(Height, default=0)
    cancelled_by: str | None = optional(String(NAME_CHARACTERS))
    error: str | None = optional(String(REASON_CHARACTERS))
    ended_at: datetime | None = optional(UtcTime)


CURATION = table_of(Curation).c
STAGING = table_of(Staging).c
STAGED_DECISION = table_of(StagedDecision).c
STAGED_CHANGE = table_of(StagedChange).c
TRANSFER_COMMENT = table_of(TransferComment).c
SCHEDULE_VERSION = table_of(ScheduleVersion).c
SCHEDULE_STEP = table_of(ScheduleStep).c
LABEL = table_of(Label).c
LABEL_CHANGE = table_of(LabelChange).c
PROPOSAL = table_of(Proposal).c
