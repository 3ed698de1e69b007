"""The chain's tables. Natural keys, no foreign keys, no auto-increment: see docs/schema.md.

Every index is there for a query, named beside it. Facts (block, transfer, …) never change once
they are right; derived tables (era, era_supply, account_depth) are worked out from facts.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Index, String, Table, Text, inspect
from sqlmodel import Field, SQLModel

from crawler.columns import Exact, Height, Hex, Motes, UtcTime

_TEXT = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def _column(kind: Any, *, nullable: bool = False, default: Any = ...) -> Any:
    return Field(default=default, sa_type=kind, nullable=nullable)


def _optional(kind: Any) -> Any:
    return Field(default=None, sa_type=kind, nullable=True)


def _key(kind: Any) -> Any:
    # without autoincrement=False MySQL would number a single integer key itself
    return Field(primary_key=True, sa_type=kind, sa_column_kwargs={"autoincrement": False})


class _Table(SQLModel):
    __table_args__: Any = _TEXT


class Block(_Table, table=True):
    """One row a height. The last five figures are set on switch blocks only."""

    __table_args__ = (
        Index("ix_block_hash", "hash"),  # a block by its hash; search
        Index("ix_block_era", "era_id", "height"),  # an era's blocks and their sums
        Index("ix_block_timestamp", "timestamp"),  # after, before
        Index("ix_block_proposer", "proposer", "height"),  # a validator's blocks, newest first
        Index("ix_block_switch", "switch", "height"),  # switch blocks, newest first
        _TEXT,
    )

    height: int = _key(Height)
    hash: str = _column(Hex(32))
    parent_hash: str = _column(Hex(32))
    era_id: int = _column(Height)
    timestamp: datetime = _column(UtcTime)
    proposer: str = _column(Hex(34, exact=False))
    protocol_version: str = _column(String(16))
    state_root_hash: str = _column(Hex(32))
    switch: bool
    total_supply: int = _column(Motes)
    deploys: int
    transfers: int
    transfer_rows: int | None = None
    """Rows that `transfer` holds of this block, of every kind; null: not told."""
    staked: int = _column(Motes)
    unstaked: int = _column(Motes)
    redelegated: int = _column(Motes)
    next_era_weight: int | None = _optional(Motes)
    validators: int | None = None
    validators_rewards: int | None = _optional(Motes)
    delegators: int | None = None
    delegators_rewards: int | None = _optional(Motes)


class Transfer(_Table, table=True):
    """One successful transfer. Public keys are joined from `known_account`: a key learnt later
    shows on every earlier row."""

    __table_args__ = (
        Index("ix_transfer_era", "era_id", "height", "index"),  # an era's transfers, its approvals
        Index("ix_transfer_from", "from_account_hash", "height", "index"),  # an account's, out
        Index("ix_transfer_to", "to_account_hash", "height", "index"),  # an account's, in
        Index("ix_transfer_deploy", "deploy_hash"),  # by deploy hash; search
        Index("ix_transfer_amount", "kind", "amount"),  # the largest first
        Index("ix_transfer_timestamp", "timestamp"),  # after, before
        _TEXT,
    )

    height: int = _key(Height)
    index: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    era_id: int = _column(Height)
    kind: str = _column(String(8))
    """native, contract or staking."""
    deploy_hash: str = _column(Hex(32))
    timestamp: datetime = _column(UtcTime)
    submitted_at: datetime = _column(UtcTime)
    from_account_hash: str = _column(Hex(32))
    to_account_hash: str | None = _optional(Hex(32))
    source: str = _column(String(80))
    target: str = _column(String(80))
    amount: int = _column(Motes)
    transfer_id: int | None = _optional(Motes)
    """Any unsigned 64-bit number: too large for a signed column."""
    depth: int | None = None
    """0 to 3; null until every earlier height is held, and on kinds other than native."""


class KnownAccount(_Table, table=True):
    """Account hash ↔ public key, learnt from headers; name and comment are administrators'."""

    __tablename__ = "known_account"
    __table_args__ = (
        Index("ix_known_account_public_key", "public_key"),  # an account by its key
        Index("ix_known_account_name", "name"),  # search
        _TEXT,
    )

    account_hash: str = _key(Hex(32))
    public_key: str | None = _optional(Hex(34, exact=False))
    name: str | None = _optional(String(100))
    comment: str | None = _optional(Text())


class Balance(_Table, table=True):
    """Balance of a transfer's account after that block, where a node still held the state.

    Null: nodes that hold the state were asked, and told none. It is not asked for again.
    """

    account_hash: str = _key(Hex(32))
    height: int = _key(Height)
    balance: int | None = _optional(Motes)


class Sweep(_Table, table=True):
    """Where a background job is in the chain: a height, or an era id. Its lock, too."""

    name: str = _key(String(32))
    height: int = _column(Height)


class EraValidator(_Table, table=True):
    """A validator of an era with its weight, told by the switch block before."""

    __tablename__ = "era_validator"
    __table_args__ = (
        Index("ix_era_validator_key", "public_key", "era_id"),  # one validator's history
        _TEXT,
    )

    era_id: int = _key(Height)
    public_key: str = _key(Hex(34, exact=False))
    weight: int = _column(Motes)


class Reward(_Table, table=True):
    """Motes paid for an era to a delegator (a public key, or a purse's 32 bytes) of an indexed
    validator; `delegator` is empty for the validator's own. USD is joined from `price`, so that a
    price learnt later counts."""

    __table_args__ = (
        Index("ix_reward_delegator", "delegator", "era_id"),  # a delegator's rewards
        _TEXT,
    )

    era_id: int = _key(Height)
    validator: str = _key(Hex(34, exact=False))
    delegator: str = _key(Hex(34, exact=False))
    amount: int = _column(Motes)


class Price(_Table, table=True):
    """CSPR/USD of one hour (its beginning, UTC)."""

    hour: datetime = _key(UtcTime)
    open: Decimal = _column(Exact(24, 12))
    high: Decimal = _column(Exact(24, 12))
    low: Decimal = _column(Exact(24, 12))
    close: Decimal = _column(Exact(24, 12))
    volume_cspr: Decimal = _column(Exact(30, 8))
    volume_usd: Decimal = _column(Exact(30, 8))
    rounded: bool = Field(default=False, sa_column_kwargs={"default": False})
    """From the older platform, single precision: to be fetched again like a missing hour."""


class PriceGap(_Table, table=True):
    """An hour that the source was asked for and had no price of; asked for again, ever more
    rarely."""

    __tablename__ = "price_gap"

    hour: datetime = _key(UtcTime)
    attempts: int
    ask_after: datetime = _column(UtcTime)


class Peer(_Table, table=True):
    """A node of the network and its place, as one refresh saw it."""

    version: int = _key(Height)
    address: str = _key(String(100))
    public_key: str | None = _optional(Hex(34, exact=False))
    node_version: str | None = _optional(String(32))
    role: str | None = _optional(String(16))
    country: str | None = _optional(String(2))
    region: str | None = _optional(String(100))
    city: str | None = _optional(String(100))
    postal: str | None = _optional(String(20))
    timezone: str | None = _optional(String(64))
    organisation: str | None = _optional(String(200))
    latitude: Decimal | None = _optional(Exact(9, 6))
    longitude: Decimal | None = _optional(Exact(9, 6))
    performance: Decimal | None = _optional(Exact(12, 6))


class PeerVersion(_Table, table=True):
    """One whole refresh of peers; the newest is the one shown."""

    __tablename__ = "peer_version"

    version: int = _key(Height)
    refreshed_at: datetime = _column(UtcTime)
    source: str = _column(String(200))


class LearntNode(_Table, table=True):
    """A JSON-RPC address made from a peer's, and whether it has proved to hold our chain."""

    __tablename__ = "learnt_node"
    __table_args__ = (Index("ix_learnt_node_ask", "ask_after"), _TEXT)  # whom to ask next

    url: str = _key(String(100))
    ask_after: datetime = _column(UtcTime)
    proven_at: datetime | None = _optional(UtcTime)
    """When it last named our blocks; null: not yet, or it failed since."""
    failures: int = 0
    """In a row."""
    last_error: str | None = _optional(String(200))


class Bid(_Table, table=True):
    """A bid, delegation or unbonding, and the eras in which it was the same.

    It holds after the switch blocks of `from_era` to the one before `until_era`, of those eras
    that `bid_era` says are known. `delegator` (a public key, or a purse's 32 bytes) is empty for
    a validator's own bid; `kind` is bid, delegation or unbonding.
    """

    __table_args__ = (
        Index("ix_bid_until", "until_era", "from_era"),  # what holds in a late era
        Index("ix_bid_from", "from_era", "until_era"),  # what holds in an early era
        _TEXT,
    )

    validator: str = _key(Hex(34, exact=False))
    delegator: str = _key(Hex(34, exact=False))
    kind: str = _key(String(10))
    release_era: int = _key(Height)
    """When an unbonding is paid out; 0 on the other kinds."""
    from_era: int = _key(Height)
    until_era: int | None = _optional(Height)
    """Null: it holds in the newest known era."""
    amount: int = _column(Motes)
    commission: int | None = None
    """Per cent of delegators' rewards, a validator's own bid only; so is `inactive`."""
    inactive: bool | None = None


class BidEra(_Table, table=True):
    """An era whose bids nodes were asked for, after its switch block."""

    __tablename__ = "bid_era"

    era_id: int = _key(Height)
    known: bool
    """False: nodes that hold the state told none. It is not asked for again."""
    unbondings: bool
    """Whether unbondings were told: 1.x nodes leave them out."""


class Publication(_Table, table=True):
    """One published state of the decisions on transfers and of the unlock schedule.

    0 is the system's own: nothing approved, the network file's schedule.
    """

    id: int = _key(Height)
    published_at: datetime = _column(UtcTime)
    schedule: int = _column(Height)
    note: str | None = _optional(Text())


class Unlock(_Table, table=True):
    """One step of a version of the validators' unlock schedule."""

    schedule: int = _key(Height)
    date: datetime = _key(UtcTime)
    amount: int = _column(Motes)


class Approval(_Table, table=True):
    """Whether a publication counts a transfer into circulation. No row: not judged.

    A row holds from `publication` on until a later publication's row for the same transfer.
    """

    __table_args__ = (
        Index("ix_approval_era", "era_id", "publication"),  # approved amounts of an era
        _TEXT,
    )

    height: int = _key(Height)
    index: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    publication: int = _key(Height)
    era_id: int = _column(Height)
    approved: bool | None = None


class Era(_Table, table=True):
    """Sums over an era's blocks that are held; figures of the whole era once it is complete."""

    __table_args__ = (
        Index("ix_era_start_block", "start_block"),  # the era of a height
        Index("ix_era_start", "start"),  # the era of a time
        _TEXT,
    )

    id: int = _key(Height)
    complete: bool = False
    """Its switch block and every other block of it are held."""
    start_block: int = _column(Height)
    end_block: int | None = _optional(Height)
    start: datetime = _column(UtcTime)
    end: datetime | None = _optional(UtcTime)
    blocks: int
    """How many of its blocks are held."""
    weight: int | None = _optional(Motes)
    """Null until the previous switch block is held."""
    total_supply: int = _column(Motes)
    deploys: int
    transfers: int
    staked: int = _column(Motes)
    unstaked: int = _column(Motes)
    redelegated: int = _column(Motes)
    validators: int | None = None
    validators_rewards: int | None = _optional(Motes)
    delegators: int | None = None
    delegators_rewards: int | None = _optional(Motes)


class EraSupply(_Table, table=True):
    """Circulating supply of an era as one publication has it: the sum of its three parts."""

    __tablename__ = "era_supply"

    publication: int = _key(Height)
    era_id: int = _key(Height)
    transfers: int = _column(Motes)
    unlocks: int = _column(Motes)
    rewards: int = _column(Motes)


class AccountDepth(_Table, table=True):
    """Where an account first received a transfer of depth 1, and of depth 2: all that later
    transfers out of it need to know."""

    __tablename__ = "account_depth"

    account_hash: str = _key(Hex(32))
    first_height: int | None = _optional(Height)
    first_index: int | None = None
    second_height: int | None = _optional(Height)
    second_index: int | None = None


class LegacyBlock(_Table, table=True):
    """A block as the older platform had it, until the crawl holds it. `…_cspr`: whole CSPR, cut
    down; never to be served as exact."""

    __tablename__ = "legacy_block"
    __table_args__ = (Index("ix_legacy_block_era", "era_id"), _TEXT)  # an era's, to give way

    height: int = _key(Height)
    hash: str = _column(Hex(32))
    state_root_hash: str = _column(Hex(32))
    era_id: int = _column(Height)
    timestamp: datetime = _column(UtcTime)
    switch: bool
    deploys: int
    transfers: int
    total_supply_cspr: int = _column(Height)
    staked_cspr: int = _column(Height)
    unstaked_cspr: int = _column(Height)
    next_era_weight_cspr: int | None = _optional(Height)
    validators: int | None = None
    validators_rewards_cspr: int | None = _optional(Height)
    delegators: int | None = None
    delegators_rewards_cspr: int | None = _optional(Height)


class LegacyTransfer(_Table, table=True):
    """A native transfer as the older platform had it, until the crawl holds its block: the amount
    is exact, its place in the block is not known. Its approval goes over to the crawled one."""

    __tablename__ = "legacy_transfer"
    __table_args__ = (Index("ix_legacy_transfer_era", "era_id"), _TEXT)  # an era's, to give way

    height: int = _key(Height)
    id: int = _key(Height)
    """Row number there."""
    era_id: int = _column(Height)
    deploy_hash: str = _column(Hex(32))
    submitted_at: datetime = _column(UtcTime)
    """Whole seconds."""
    sender: str = _column(String(80))
    """account-hash-… or uref-… without access rights, in lower case; the receiver too."""
    receiver: str = _column(String(80))
    amount: int = _column(Motes)
    approved: bool


class LegacyEra(_Table, table=True):
    """An era as the older platform had it, until the crawl's is complete. `…_cspr`: whole CSPR,
    cut down or rounded."""

    __tablename__ = "legacy_era"

    id: int = _key(Height)
    start_block: int = _column(Height)
    end_block: int | None = _optional(Height)
    start: datetime = _column(UtcTime)
    end: datetime | None = _optional(UtcTime)
    weight_cspr: int = _column(Height)
    total_supply_cspr: int = _column(Height)
    circulating_supply_cspr: int = _column(Height)
    staked_cspr: int | None = _optional(Height)
    unstaked_cspr: int | None = _optional(Height)
    validators_rewards_cspr: int | None = _optional(Height)
    delegators_rewards_cspr: int | None = _optional(Height)


class EraTouch(_Table, table=True):
    """How often blocks of an era were stored, and up to which count its figures are worked out."""

    __tablename__ = "era_touch"
    __table_args__ = (Index("ix_era_touch_stale", "stale"), _TEXT)  # eras to work out

    era_id: int = _key(Height)
    stored: int = _column(Height)
    derived: int = _column(Height)
    stale: bool


class CrawlRange(_Table, table=True):
    """Heights that are not all held. The row goes when a count of `block` says that they are."""

    __tablename__ = "crawl_range"
    __table_args__ = (Index("ix_crawl_range_lease", "lease_until", "first"), _TEXT)  # to claim

    first: int = _key(Height)
    last: int = _column(Height)
    owner: str | None = _optional(String(64))
    lease_until: datetime | None = _optional(UtcTime)
    attempts: int = 0
    last_error: str | None = _optional(String(500))


class CrawlState(_Table, table=True):
    """The one row of what the crawl knows of its network and of itself."""

    __tablename__ = "crawl_state"

    id: int = _key(Height)
    network: str = _column(String(100))
    crawl_from: int = _column(Height)
    planned_to: int = _column(Height)
    """Every height from `crawl_from` to here is held or in a `crawl_range`; -1 below that."""
    head_height: int | None = _optional(Height)
    head_hash: str | None = _optional(Hex(32))
    head_era_id: int | None = _optional(Height)
    head_timestamp: datetime | None = _optional(UtcTime)
    head_seen_at: datetime | None = _optional(UtcTime)
    """When the nodes were last asked and agreed."""
    head_changed_at: datetime | None = _optional(UtcTime)
    failure: str | None = _optional(String(500))
    """Why the crawl cannot go on; null while it can."""


class DeriveState(_Table, table=True):
    """The one row that says how far derived figures are; whoever derives locks it."""

    __tablename__ = "derive_state"

    id: int = _key(Height)
    depth_to: int = _column(Height)
    """Transfers up to this height have their depth; -1: none."""
    publication: int = _column(Height)
    """The publication that readers see."""
    supply_from: int | None = _optional(Height)
    """Supply of this era and of later ones waits until the eras are worked out; null: none."""


class Lease(_Table, table=True):
    """Who does what only one process of all machines may do, and until when."""

    name: str = _key(String(50))
    owner: str = _column(String(64))
    until: datetime = _column(UtcTime)


class JobOrder(_Table, table=True):
    """What operators want of a job; no row: let it run as planned."""

    __tablename__ = "job_order"

    name: str = _key(String(50))
    paused: bool = False
    wanted_at: datetime | None = _optional(UtcTime)
    """Run it at once; cleared when it starts."""
    ordered_by: str = _column(String(100))
    ordered_at: datetime = _column(UtcTime)


class JobRun(_Table, table=True):
    """One run of a job; without `ended_at` it is under way, or its process was killed."""

    __tablename__ = "job_run"
    __table_args__ = (Index("ix_job_run_started", "started_at"), _TEXT)  # newest runs of all jobs

    name: str = _key(String(50))
    started_at: datetime = _key(UtcTime)
    owner: str = _column(String(64))
    ended_at: datetime | None = _optional(UtcTime)
    result: str | None = _optional(String(500))
    error: str | None = _optional(String(500))


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model."""
    return cast(Table, inspect(model).local_table)


# Columns by name, for statements: `select(BLOCK.height)`.
BLOCK = table_of(Block).c
TRANSFER = table_of(Transfer).c
KNOWN_ACCOUNT = table_of(KnownAccount).c
BALANCE = table_of(Balance).c
ERA_VALIDATOR = table_of(EraValidator).c
REWARD = table_of(Reward).c
SWEEP = table_of(Sweep).c
PRICE = table_of(Price).c
PRICE_GAP = table_of(PriceGap).c
PEER = table_of(Peer).c
PEER_VERSION = table_of(PeerVersion).c
LEARNT_NODE = table_of(LearntNode).c
BID = table_of(Bid).c
BID_ERA = table_of(BidEra).c
PUBLICATION = table_of(Publication).c
UNLOCK = table_of(Unlock).c
APPROVAL = table_of(Approval).c
ERA = table_of(Era).c
ERA_SUPPLY = table_of(EraSupply).c
ACCOUNT_DEPTH = table_of(AccountDepth).c
LEGACY_BLOCK = table_of(LegacyBlock).c
LEGACY_TRANSFER = table_of(LegacyTransfer).c
LEGACY_ERA = table_of(LegacyEra).c
ERA_TOUCH = table_of(EraTouch).c
CRAWL_RANGE = table_of(CrawlRange).c
CRAWL_STATE = table_of(CrawlState).c
DERIVE_STATE = table_of(DeriveState).c
LEASE = table_of(Lease).c
JOB_ORDER = table_of(JobOrder).c
JOB_RUN = table_of(JobRun).c
