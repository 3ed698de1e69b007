"""What administrators decided, as it was published."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlmodel import Field

from crawler.columns import Height, Motes, UtcTime
from crawler.models.table import TEXT, Base, column, key, optional, table_of

NAME_CHARACTERS = 100
REASON_CHARACTERS = 500


class Publication(Base, table=True):
    """One published state of the decisions on transfers and of the unlock schedule.

    0 is the system's own: nothing approved, the network file's schedule. Ids only rise: putting
    an earlier state back is a publication of its own, which `restores` the earlier one.
    """

    id: int = key(Height)
    published_at: datetime = column(UtcTime)
    schedule: int = column(Height)
    note: str | None = optional(Text())
    published_by: str | None = optional(String(NAME_CHARACTERS))
    """Display names; null on what the system or an import published."""
    confirmed_by: str | None = optional(String(NAME_CHARACTERS))
    restores: int | None = optional(Height)


class Unlock(Base, table=True):
    """One step of a version of the validators' unlock schedule."""

    schedule: int = key(Height)
    date: datetime = key(UtcTime)
    amount: int = column(Motes)


class Approval(Base, table=True):
    """Whether a publication counts a transfer into circulation. No row: not judged.

    A row holds from `publication` on until a later publication's row for the same transfer. Rows
    above `derive_state.publication` are of a publication under way, which nobody sees.
    """

    __table_args__ = (
        Index("ix_approval_era", "era_id", "publication"),  # approved amounts of an era
        TEXT,
    )

    height: int = key(Height)
    index: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    publication: int = key(Height)
    era_id: int = column(Height)
    approved: bool | None = None
    """Null: judged before, and put back to not judged."""
    decided_by: str | None = optional(String(NAME_CHARACTERS))
    """The display name that the curator chose; null on imported decisions, as the next two."""
    decided_at: datetime | None = optional(UtcTime)
    reason: str | None = optional(String(REASON_CHARACTERS))


PUBLICATION = table_of(Publication).c
UNLOCK = table_of(Unlock).c
APPROVAL = table_of(Approval).c
