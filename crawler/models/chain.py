"""What the chain says: facts that never change once they are right."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlmodel import Field

from crawler.columns import Height, Hex, Motes, UtcTime
from crawler.models.table import TEXT, Base, column, key, optional, table_of


class Block(Base, table=True):
    """One row a height. The last five figures are set on switch blocks only."""

    __table_args__ = (
        Index("ix_block_hash", "hash"),  # a block by its hash; search
        Index("ix_block_era", "era_id", "height"),  # an era's blocks and their sums
        Index("ix_block_timestamp", "timestamp"),  # after, before
        Index("ix_block_proposer", "proposer", "height"),  # a validator's blocks, newest first
        Index("ix_block_switch", "switch", "height"),  # switch blocks, newest first
        TEXT,
    )

    height: int = key(Height)
    hash: str = column(Hex(32))
    parent_hash: str = column(Hex(32))
    era_id: int = column(Height)
    timestamp: datetime = column(UtcTime)
    proposer: str = column(Hex(34, exact=False))
    protocol_version: str = column(String(16))
    state_root_hash: str = column(Hex(32))
    switch: bool
    total_supply: int = column(Motes)
    deploys: int
    transfers: int
    transfer_rows: int | None = None
    """Rows that `transfer` holds of this block, of every kind; null: not told."""
    staked: int = column(Motes)
    unstaked: int = column(Motes)
    redelegated: int = column(Motes)
    next_era_weight: int | None = optional(Motes)
    validators: int | None = None
    validators_rewards: int | None = optional(Motes)
    delegators: int | None = None
    delegators_rewards: int | None = optional(Motes)


class Transfer(Base, table=True):
    """One successful transfer. Public keys are joined from `known_account`: a key learnt later
    shows on every earlier row."""

    __table_args__ = (
        Index("ix_transfer_era", "era_id", "height", "index"),  # an era's transfers, its approvals
        Index("ix_transfer_from", "from_account_hash", "height", "index"),  # an account's, out
        Index("ix_transfer_to", "to_account_hash", "height", "index"),  # an account's, in
        # an account's, the largest first; its count and sum from the index alone
        Index("ix_transfer_from_amount", "from_account_hash", "kind", "amount", "height", "index"),
        Index("ix_transfer_to_amount", "to_account_hash", "kind", "amount", "height", "index"),
        Index("ix_transfer_deploy", "deploy_hash"),  # by deploy hash; search
        Index("ix_transfer_amount", "kind", "amount"),  # the largest first
        Index("ix_transfer_timestamp", "timestamp"),  # after, before
        TEXT,
    )

    height: int = key(Height)
    index: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    era_id: int = column(Height)
    kind: str = column(String(8))
    """native, contract or staking."""
    deploy_hash: str = column(Hex(32))
    timestamp: datetime = column(UtcTime)
    submitted_at: datetime = column(UtcTime)
    from_account_hash: str = column(Hex(32))
    to_account_hash: str | None = optional(Hex(32))
    source: str = column(String(80))
    target: str = column(String(80))
    amount: int = column(Motes)
    transfer_id: int | None = optional(Motes)
    """Any unsigned 64-bit number: too large for a signed column."""
    depth: int | None = None
    """0 to 3; null until every earlier height is held, and on kinds other than native."""


class KnownAccount(Base, table=True):
    """Account hash ↔ public key, learnt from headers; name and comment are administrators'."""

    __tablename__ = "known_account"
    __table_args__ = (
        Index("ix_known_account_public_key", "public_key"),  # an account by its key
        Index("ix_known_account_name", "name"),  # search
        TEXT,
    )

    account_hash: str = key(Hex(32))
    public_key: str | None = optional(Hex(34, exact=False))
    name: str | None = optional(String(100))
    comment: str | None = optional(Text())


class Balance(Base, table=True):
    """Balance of a transfer's account after that block, where a node still held the state.

    Null: nodes that hold the state were asked, and told none. It is not asked for again.
    """

    account_hash: str = key(Hex(32))
    height: int = key(Height)
    balance: int | None = optional(Motes)


class EraValidator(Base, table=True):
    """A validator of an era with its weight, told by the switch block before."""

    __tablename__ = "era_validator"
    __table_args__ = (
        Index("ix_era_validator_key", "public_key", "era_id"),  # one validator's history
        TEXT,
    )

    era_id: int = key(Height)
    public_key: str = key(Hex(34, exact=False))
    weight: int = column(Motes)


class Reward(Base, table=True):
    """Motes paid for an era to a delegator (a public key, or a purse's 32 bytes) of an indexed
    validator; `delegator` is empty for the validator's own. USD is joined from `price`, so that a
    price learnt later counts."""

    __table_args__ = (
        Index("ix_reward_delegator", "delegator", "era_id"),  # a delegator's rewards
        TEXT,
    )

    era_id: int = key(Height)
    validator: str = key(Hex(34, exact=False))
    delegator: str = key(Hex(34, exact=False))
    amount: int = column(Motes)


class Bid(Base, table=True):
    """A bid, delegation or unbonding, and the eras in which it was the same.

    It holds after the switch blocks of `from_era` to the one before `until_era`, of those eras
    that `bid_era` says are known. `delegator` (a public key, or a purse's 32 bytes) is empty for
    a validator's own bid; `kind` is bid, delegation or unbonding.
    """

    __table_args__ = (
        Index("ix_bid_until", "until_era", "from_era"),  # what holds in a late era
        Index("ix_bid_from", "from_era", "until_era"),  # what holds in an early era
        TEXT,
    )

    validator: str = key(Hex(34, exact=False))
    delegator: str = key(Hex(34, exact=False))
    kind: str = key(String(10))
    release_era: int = key(Height)
    """When an unbonding is paid out; 0 on the other kinds."""
    from_era: int = key(Height)
    until_era: int | None = optional(Height)
    """Null: it holds in the newest known era."""
    amount: int = column(Motes)
    commission: int | None = None
    """Per cent of delegators' rewards, a validator's own bid only; so is `inactive`."""
    inactive: bool | None = None


class BidEra(Base, table=True):
    """An era whose bids nodes were asked for, after its switch block."""

    __tablename__ = "bid_era"

    era_id: int = key(Height)
    known: bool
    """False: nodes that hold the state told none. It is not asked for again."""
    unbondings: bool
    """Whether unbondings were told: 1.x nodes leave them out."""


BLOCK = table_of(Block).c
TRANSFER = table_of(Transfer).c
NATIVE = TRANSFER.kind.concat("") == "native"
"""Where other conditions say which transfers: SQLite would choose the index of kinds instead, and
go through all native transfers that there are."""
KNOWN_ACCOUNT = table_of(KnownAccount).c
BALANCE = table_of(Balance).c
ERA_VALIDATOR = table_of(EraValidator).c
REWARD = table_of(Reward).c
BID = table_of(Bid).c
BID_ERA = table_of(BidEra).c
