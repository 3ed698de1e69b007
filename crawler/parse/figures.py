"""What one block comes to: its figures, its transfers, and what it teaches."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

TransferKind = Literal["native", "contract", "staking"]


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One transfer of the node's whole list, at its place `index` from 0."""

    index: int
    kind: TransferKind
    transaction_hash: str
    submitted_at: datetime
    """When the deploy or transaction was signed; the block's time is in the block."""
    from_account_hash: str
    to_account_hash: str | None
    """None: into a purse, `target` names it."""
    source: str
    target: str
    amount: int
    transfer_id: int | None


@dataclass(frozen=True, slots=True)
class BlockFigures:
    """Counts and sums of motes over one block; what an era comes to is None unless it ends one."""

    height: int
    deploys: int
    transfers: int
    staked: int
    unstaked: int
    redelegated: int
    total_supply: int
    next_era_weight: int | None
    validators: int | None
    validators_rewards: int | None
    delegators: int | None
    """Distinct pairs of validator and delegator."""
    delegators_rewards: int | None
    transfer_rows: tuple[TransferRow, ...]
    known_accounts: dict[str, str]
    """Account hash → public key: those that sent or made a transfer by key, and every key among
    the arguments of the block's deploys and transactions."""
    next_era_validators: dict[str, int]
    """Public key → motes at stake; empty unless the block ends an era."""
    rewards: dict[tuple[str, str], int]
    """(validator, delegator) → motes; the delegator is "" for the validator's own part."""
