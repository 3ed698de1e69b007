"""The older platform's rounded rows, until the chain has replaced them."""

from datetime import datetime

from sqlalchemy import Index, String

from crawler.columns import Height, Hex, Motes, UtcTime
from crawler.models.table import TEXT, Base, column, key, optional, table_of


class LegacyBlock(Base, table=True):
    """A block as the older platform had it, until the crawl holds it. `…_cspr`: whole CSPR, cut
    down; never to be served as exact."""

    __tablename__ = "legacy_block"
    __table_args__ = (Index("ix_legacy_block_era", "era_id"), TEXT)  # an era's, to give way

    height: int = key(Height)
    hash: str = column(Hex(32))
    state_root_hash: str = column(Hex(32))
    era_id: int = column(Height)
    timestamp: datetime = column(UtcTime)
    switch: bool
    deploys: int
    transfers: int
    total_supply_cspr: int = column(Height)
    staked_cspr: int = column(Height)
    unstaked_cspr: int = column(Height)
    next_era_weight_cspr: int | None = optional(Height)
    validators: int | None = None
    validators_rewards_cspr: int | None = optional(Height)
    delegators: int | None = None
    delegators_rewards_cspr: int | None = optional(Height)


class LegacyTransfer(Base, table=True):
    """A native transfer as the older platform had it, until the crawl holds its block: the amount
    is exact, its place in the block is not known. Its approval goes over to the crawled one."""

    __tablename__ = "legacy_transfer"
    __table_args__ = (Index("ix_legacy_transfer_era", "era_id"), TEXT)  # an era's, to give way

    height: int = key(Height)
    id: int = key(Height)
    """Row number there."""
    era_id: int = column(Height)
    deploy_hash: str = column(Hex(32))
    submitted_at: datetime = column(UtcTime)
    """Whole seconds."""
    sender: str = column(String(80))
    """account-hash-… or uref-… without access rights, in lower case; the receiver too."""
    receiver: str = column(String(80))
    amount: int = column(Motes)
    approved: bool


class LegacyEra(Base, table=True):
    """An era as the older platform had it, until the crawl's is complete. `…_cspr`: whole CSPR,
    cut down or rounded."""

    __tablename__ = "legacy_era"

    id: int = key(Height)
    start_block: int = column(Height)
    end_block: int | None = optional(Height)
    start: datetime = column(UtcTime)
    end: datetime | None = optional(UtcTime)
    weight_cspr: int = column(Height)
    total_supply_cspr: int = column(Height)
    circulating_supply_cspr: int = column(Height)
    staked_cspr: int | None = optional(Height)
    unstaked_cspr: int | None = optional(Height)
    validators_rewards_cspr: int | None = optional(Height)
    delegators_rewards_cspr: int | None = optional(Height)


LEGACY_BLOCK = table_of(LegacyBlock).c
LEGACY_TRANSFER = table_of(LegacyTransfer).c
LEGACY_ERA = table_of(LegacyEra).c
