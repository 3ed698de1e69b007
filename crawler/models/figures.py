"""What is worked out from facts and decisions, and how far that is."""

from datetime import datetime

from sqlalchemy import Index

from crawler.columns import Height, Hex, Motes, UtcTime
from crawler.models.table import TEXT, Base, column, key, optional, table_of


class Era(Base, table=True):
    """Sums over an era's blocks that are held; figures of the whole era once it is complete."""

    __table_args__ = (
        Index("ix_era_start_block", "start_block"),  # the era of a height
        Index("ix_era_start", "start"),  # the era of a time
        TEXT,
    )

    id: int = key(Height)
    complete: bool = False
    """Its switch block and every other block of it are held."""
    start_block: int = column(Height)
    end_block: int | None = optional(Height)
    start: datetime = column(UtcTime)
    end: datetime | None = optional(UtcTime)
    blocks: int
    """How many of its blocks are held."""
    weight: int | None = optional(Motes)
    """Null until the previous switch block is held."""
    total_supply: int = column(Motes)
    deploys: int
    transfers: int
    staked: int = column(Motes)
    unstaked: int = column(Motes)
    redelegated: int = column(Motes)
    validators: int | None = None
    validators_rewards: int | None = optional(Motes)
    delegators: int | None = None
    delegators_rewards: int | None = optional(Motes)
    transfer_volume: int | None = optional(Motes)
    """Motes of its native transfers; null: not summed yet, on rows of an earlier release."""


class EraSupply(Base, table=True):
    """Circulating supply of an era as one publication has it: the sum of its three parts."""

    __tablename__ = "era_supply"

    publication: int = key(Height)
    era_id: int = key(Height)
    transfers: int = column(Motes)
    unlocks: int = column(Motes)
    rewards: int = column(Motes)


class AccountDepth(Base, table=True):
    """Where an account first received a transfer of depth 1, and of depth 2: all that later
    transfers out of it need to know."""

    __tablename__ = "account_depth"

    account_hash: str = key(Hex(32))
    first_height: int | None = optional(Height)
    first_index: int | None = None
    second_height: int | None = optional(Height)
    second_index: int | None = None


class EraTouch(Base, table=True):
    """How often blocks of an era were stored, and up to which count its figures are worked out."""

    __tablename__ = "era_touch"
    __table_args__ = (Index("ix_era_touch_stale", "stale"), TEXT)  # eras to work out

    era_id: int = key(Height)
    stored: int = column(Height)
    derived: int = column(Height)
    stale: bool


class DeriveState(Base, table=True):
    """The one row that says how far derived figures are; whoever derives locks it."""

    __tablename__ = "derive_state"

    id: int = key(Height)
    depth_to: int = column(Height)
    """Transfers up to this height have their depth; -1: none."""
    publication: int = column(Height)
    """The publication that readers see."""
    supply_from: int | None = optional(Height)
    """Supply of this era and of later ones waits until the eras are worked out; null: none."""


ERA = table_of(Era).c
ERA_SUPPLY = table_of(EraSupply).c
ACCOUNT_DEPTH = table_of(AccountDepth).c
ERA_TOUCH = table_of(EraTouch).c
DERIVE_STATE = table_of(DeriveState).c
