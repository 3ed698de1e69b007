"""What parsing finds, as plain frozen values. Hex is lower case without prefix, amounts are motes.

A public key is hex with its algorithm tag (66 digits ed25519, 68 secp256k1, "00" the system);
an account hash is 64 hex digits; a URef keeps its written form, `uref-…-007`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

HashKind = Literal["Deploy", "Version1"]
StakingKind = Literal["add_bid", "withdraw_bid", "delegate", "undelegate", "redelegate"]


@dataclass(frozen=True, slots=True)
class TransactionHash:
    """How a node is asked for it: a deploy (1.x, also inside a 2.x block) or a 2.x transaction."""

    kind: HashKind
    hash: str


@dataclass(frozen=True, slots=True)
class BlockReference:
    """A block as a node's status names it."""

    height: int
    hash: str
    era_id: int
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class StatusRecord:
    """What `info_get_status` says of the answering node."""

    chain_name: str
    head: BlockReference | None
    """None while the node has no block yet."""
    available_low: int | None
    """Heights whose block and state it holds; None: not told (before 1.5)."""
    available_high: int | None
    reactor_state: str | None
    build_version: str
    protocol_version: str | None
    """None: not told (before 2.0)."""
    next_upgrade: str | None
    """The protocol version that is announced."""
    next_upgrade_era: int | None
    uptime: str | None
    """In words: `1day 2h 3m 4s`."""


@dataclass(frozen=True, slots=True)
class EraEnd:
    """What a switch block carries."""

    next_era_weights: dict[str, int]
    """Public key → motes at stake in the next era."""
    rewards: dict[str, tuple[int, ...]] | None
    """2.x: validator → motes for each paid era, delegators' part included. None in 1.x, whose
    `rewards` are factors, not motes."""


@dataclass(frozen=True, slots=True)
class BlockRecord:
    """One block whose header and body hash have been recomputed."""

    height: int
    hash: str
    parent_hash: str
    era_id: int
    timestamp: datetime
    proposer: str
    protocol_version: str
    state_root_hash: str
    mint_lane: tuple[TransactionHash, ...]
    """`transfer_hashes` (1.x) or lane 0 (2.x), in the block's order."""
    other_lanes: tuple[TransactionHash, ...]
    """`deploy_hashes` (1.x) or every other lane (2.x)."""
    era_end: EraEnd | None

    @property
    def switch(self) -> bool:
        return self.era_end is not None


@dataclass(frozen=True, slots=True)
class StakingOperation:
    kind: StakingKind
    amount: int


@dataclass(frozen=True, slots=True)
class TransactionRecord:
    """One executed deploy or transaction."""

    hash: str
    block_hash: str
    initiator_public_key: str | None
    initiator_account_hash: str
    submitted_at: datetime
    success: bool
    transfers: int
    """How many transfers it made, as its execution result tells."""
    burn: bool
    """A native burn: it sits in the mint lane, but is no transfer."""
    staking: StakingOperation | None
    """Told by its form, whether it succeeded or not."""
    public_keys: tuple[str, ...]
    """Further keys that it shows, a recipient's for one."""


@dataclass(frozen=True, slots=True)
class TransferRecord:
    """One entry of `chain_get_block_transfers`."""

    transaction_hash: str
    from_account_hash: str
    from_public_key: str | None
    to_account_hash: str | None
    """None: into a purse, `target` names it."""
    to_public_key: str | None
    source: str
    target: str
    amount: int
    transfer_id: int | None


@dataclass(frozen=True, slots=True)
class RewardAllocation:
    """One seigniorage allocation of an era."""

    validator: str
    delegator: str | None
    """A public key, or the 64 hex digits of a delegating purse; None: the validator's own."""
    amount: int


@dataclass(frozen=True, slots=True)
class EraInfo:
    """What `chain_get_era_info_by_switch_block` tells of an era's payout."""

    era_id: int
    block_hash: str
    allocations: tuple[RewardAllocation, ...]


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer as `info_get_peers` names it."""

    node_id: str
    address: str


@dataclass(frozen=True, slots=True)
class BlockTransfers:
    """Every transfer made in one block, in the node's order."""

    block_hash: str
    transfers: tuple[TransferRecord, ...]


@dataclass(frozen=True, slots=True)
class Bid:
    """A validator's own bid."""

    public_key: str
    self_stake: int
    delegation_rate: int
    """Per cent of the delegators' rewards that the validator keeps."""
    inactive: bool


@dataclass(frozen=True, slots=True)
class Delegation:
    validator: str
    delegator: str
    """A public key, or the 64 hex digits of a delegating purse."""
    amount: int


@dataclass(frozen=True, slots=True)
class Unbond:
    """Stake on its way out (2.x; 1.x does not tell)."""

    validator: str
    unbonder: str
    """A public key, or the 64 hex digits of a delegating purse."""
    amount: int
    era_of_creation: int
    new_validator: str | None
    """Whom it is redelegated to."""


@dataclass(frozen=True, slots=True)
class AuctionInfo:
    """The auction's state at one block. A delegation may outlive its validator's bid."""

    block_height: int
    state_root_hash: str
    bids: tuple[Bid, ...]
    delegations: tuple[Delegation, ...]
    unbonds: tuple[Unbond, ...]
