"""What the sandbox's chain is made of: blocks, transactions, transfers.

Hashes are raw bytes, public keys, account hashes and purses hex without a prefix, amounts motes.
None of these classes is frozen, although nothing changes them: freezing triples the cost of
making one, and a benchmark's chain has hundreds of thousands.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.sandbox.accounts import Account
from crawler.sandbox.forms import MINT_LANE, Form

SYSTEM_KEY = "00"


@dataclass(slots=True)
class EraEnd:
    """What a switch block carries."""

    weights: dict[str, int]
    """Public key → motes at stake in the next era."""
    reward_factors: dict[str, int]
    """1.x: relative shares, no motes."""
    rewards: dict[str, tuple[int, ...]]
    """2.x: motes for each era that is paid, this one first, delegators' part included."""
    equivocators: tuple[str, ...] = ()
    inactive: tuple[str, ...] = ()
    next_gas_price: int = 1


@dataclass(slots=True)
class Header:
    """A block's header; the proposer stands in the body in 1.x."""

    height: int
    era_id: int
    timestamp_ms: int
    protocol_version: str
    parent_hash: bytes
    state_root_hash: bytes
    body_hash: bytes
    accumulated_seed: bytes
    random_bit: bool
    proposer: str
    era_end: EraEnd | None
    last_switch_block_hash: bytes | None
    is_v2: bool
    """Which form it has: 2.x keeps 1.x blocks in theirs."""
    gas_price: int = 1


@dataclass(slots=True)
class Transfer:
    """One movement that `chain_get_block_transfers` lists."""

    sender: Account
    to_account_hash: str | None
    source: str
    target: str
    amount: int
    transfer_id: int | None


@dataclass(slots=True)
class Request:
    """A deploy or transaction as its sender wrote it."""

    form: Form
    initiator: Account
    amount: int
    counterparty: Account
    """A transfer's receiver; a delegation's validator; the initiator where there is no other."""
    new_validator: Account | None = None
    purse: str = ""
    """A transfer's target, or where stake comes from or goes to, where it is no account's."""
    transfer_id: int | None = None


@dataclass(slots=True)
class Transaction:
    """An executed request."""

    hash: bytes
    request: Request
    submitted_at_ms: int
    cost: int
    error: str | None
    transfers: tuple[Transfer, ...]

    @property
    def is_deploy(self) -> bool:
        return self.request.form.is_deploy


@dataclass(slots=True)
class Allocation:
    """One seigniorage allocation."""

    validator: str
    delegator: str
    """A public key, a purse's 64 hex digits, or empty: the validator's own."""
    amount: int


@dataclass(slots=True)
class Block:
    header: Header
    hash: bytes
    transactions: tuple[Transaction, ...]
    total_supply: int
    """After this block."""
    allocations: tuple[Allocation, ...] = field(default=())
    """Rewards that this switch block paid, a pair more than once when an era was paid late."""

    @property
    def height(self) -> int:
        return self.header.height

    @property
    def is_switch(self) -> bool:
        return self.header.era_end is not None

    @property
    def mint_lane(self) -> list[Transaction]:
        return [each for each in self.transactions if each.request.form.lane == MINT_LANE]

    @property
    def other_lanes(self) -> list[Transaction]:
        return [each for each in self.transactions if each.request.form.lane != MINT_LANE]

    def lanes(self) -> dict[int, list[Transaction]]:
        """Lane → transactions, as a 2.x body groups them."""
        grouped: dict[int, list[Transaction]] = {}
        for each in self.transactions:
            grouped.setdefault(each.request.form.lane, []).append(each)
        return grouped

    def transfers(self) -> Iterator[tuple[Transaction, Transfer]]:
        """Every transfer of the block in the order that nodes list them."""
        for transaction in self.transactions:
            for transfer in transaction.transfers:
                yield transaction, transfer
