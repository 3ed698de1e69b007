"""The figures that a crawl of the sandbox must arrive at, from the simulation's own events.

Definitions: docs/metrics.md. Nothing here reads an answer; hashes and keys are lower-case hex
without a prefix, purses are written `uref-…-007`, amounts are motes, times milliseconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from crawler.sandbox import network
from crawler.sandbox.accounts import Account
from crawler.sandbox.answers.clvalue import written_uref
from crawler.sandbox.block import Block, Request, Transaction
from crawler.sandbox.chain import Chain
from crawler.sandbox.forms import STAKING_ACTIONS

Kind = Literal["native", "contract", "staking"]
LearntFrom = Literal["header", "target", "argument"]

_NAMING_KEYS = STAKING_ACTIONS | {"activate_bid", "change_bid_public_key", "cancel_reservations"}
"""Actions whose arguments hold a counterparty's public key."""
_LOCKED = frozenset(each.account_hash for each in network.LOCKED)


@dataclass(frozen=True, slots=True)
class BlockTruth:
    height: int
    hash: str
    parent_hash: str
    era_id: int
    timestamp_ms: int
    proposer: str
    protocol_version: str
    state_root_hash: str
    switch: bool
    total_supply: int
    deploys: int
    transfers: int
    staked: int
    unstaked: int
    redelegated: int
    next_era_weight: int | None
    """This and the following: None but on a switch block; 0 where one pays nobody."""
    validators: int | None
    validators_rewards: int | None
    delegators: int | None
    delegators_rewards: int | None


@dataclass(frozen=True, slots=True)
class TransferTruth:
    height: int
    index: int
    """Place in the node's list of the block's transfers, all kinds counted."""
    kind: Kind
    transaction_hash: str
    era_id: int
    timestamp_ms: int
    submitted_at_ms: int
    from_account_hash: str
    to_account_hash: str | None
    source: str
    target: str
    amount: int
    transfer_id: int | None
    depth: int | None
    """None for kinds that are not native."""


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account whose public key the chain shows, where it does so first.

    Learnt from a deploy's or transaction's header, a native transfer's target, or another
    argument that is a public key, whatever contract is called and even if the call fails.
    Proposers and validators' lists are not looked at.
    """

    account_hash: str
    public_key: str
    height: int
    learnt_from: LearntFrom


def blocks(chain: Chain) -> list[BlockTruth]:
    """Every block's figures, by rising height."""
    return [_block(block) for block in chain.blocks]


def transfers(chain: Chain) -> list[TransferTruth]:
    """Every transfer of every kind, by height and index."""
    depths = Depths()
    return [
        _transfer(block, index, transaction, place_depth)
        for block in chain.blocks
        for index, (transaction, place_depth) in enumerate(_with_depths(block, depths))
    ]


def known_accounts(chain: Chain) -> dict[str, KnownAccount]:
    """Account hash → where its public key is shown first."""
    known: dict[str, KnownAccount] = {}
    for block in chain.blocks:
        for transaction in block.transactions:
            for account, learnt_from in _shown(transaction.request):
                found = KnownAccount(
                    account.account_hash, account.public_key, block.height, learnt_from
                )
                known.setdefault(account.account_hash, found)
    return known


def weights(chain: Chain) -> dict[int, dict[str, int]]:
    """Era → validator → weight, for each era that a switch block has announced."""
    return {
        block.header.era_id + 1: dict(block.header.era_end.weights)
        for block in chain.blocks
        if block.header.era_end is not None
    }


def rewards(chain: Chain) -> dict[tuple[int, str, str], int]:
    """(era, validator, delegator) → motes; an empty delegator is the validator's own reward."""
    sums: dict[tuple[int, str, str], int] = {}
    for block in chain.blocks:
        for each in block.allocations:
            key = (block.header.era_id, each.validator, each.delegator)
            sums[key] = sums.get(key, 0) + each.amount
    return sums


class Depths:
    """How far from a locked account each native transfer is, asked in the chain's order."""

    def __init__(self) -> None:
        self._reached: dict[str, int] = {}

    def next(self, sender: str, receiver: str | None) -> int:
        depth = 1 if sender in _LOCKED else self._reached.get(sender, -1) + 1
        if depth in (1, 2) and receiver is not None:
            self._reached[receiver] = min(depth, self._reached.get(receiver, depth))
        return depth


def staked_amounts(transactions: tuple[Transaction, ...]) -> tuple[int, int, int]:
    """Staked, unstaked and redelegated motes of successful operations."""
    sums = {"add_bid": 0, "delegate": 0, "withdraw_bid": 0, "undelegate": 0, "redelegate": 0}
    for each in transactions:
        if each.error is None and each.request.form.is_staking:
            sums[each.request.form.action] += each.request.amount
    staked = sums["add_bid"] + sums["delegate"]
    return staked, sums["withdraw_bid"] + sums["undelegate"], sums["redelegate"]


def _block(block: Block) -> BlockTruth:
    header = block.header
    natives = sum(each.request.form.is_native_transfer for each in block.transactions)
    staked, unstaked, redelegated = staked_amounts(block.transactions)
    own = {each.validator: 0 for each in block.allocations if not each.delegator}
    for_validators = sum(each.amount for each in block.allocations if not each.delegator)
    pairs = {(each.validator, each.delegator) for each in block.allocations if each.delegator}
    for_delegators = sum(each.amount for each in block.allocations if each.delegator)
    era_end = header.era_end
    return BlockTruth(
        height=header.height,
        hash=block.hash.hex(),
        parent_hash=header.parent_hash.hex(),
        era_id=header.era_id,
        timestamp_ms=header.timestamp_ms,
        proposer=header.proposer,
        protocol_version=header.protocol_version,
        state_root_hash=header.state_root_hash.hex(),
        switch=block.is_switch,
        total_supply=block.total_supply,
        deploys=len(block.transactions) - natives,
        transfers=natives,
        staked=staked,
        unstaked=unstaked,
        redelegated=redelegated,
        next_era_weight=sum(era_end.weights.values()) if era_end else None,
        validators=len(own) if era_end else None,
        validators_rewards=for_validators if era_end else None,
        delegators=len(pairs) if era_end else None,
        delegators_rewards=for_delegators if era_end else None,
    )


def _with_depths(block: Block, depths: Depths) -> Iterator[tuple[Transaction, tuple[int, int]]]:
    """For each transfer its transaction, its place there, and its depth (-1: has none)."""
    for transaction in block.transactions:
        native = transaction.request.form.is_native_transfer
        for place, each in enumerate(transaction.transfers):
            depth = depths.next(each.sender.account_hash, each.to_account_hash) if native else -1
            yield transaction, (place, depth)


def _transfer(
    block: Block, index: int, transaction: Transaction, place_depth: tuple[int, int]
) -> TransferTruth:
    place, depth = place_depth
    moved = transaction.transfers[place]
    return TransferTruth(
        height=block.height,
        index=index,
        kind=_kind(transaction),
        transaction_hash=transaction.hash.hex(),
        era_id=block.header.era_id,
        timestamp_ms=block.header.timestamp_ms,
        submitted_at_ms=transaction.submitted_at_ms,
        from_account_hash=moved.sender.account_hash,
        to_account_hash=moved.to_account_hash,
        source=written_uref(moved.source),
        target=written_uref(moved.target),
        amount=moved.amount,
        transfer_id=moved.transfer_id,
        depth=None if depth < 0 else depth,
    )


def _kind(transaction: Transaction) -> Kind:
    form = transaction.request.form
    if form.is_native_transfer:
        return "native"
    return "staking" if form.is_staking else "contract"


def _shown(request: Request) -> Iterator[tuple[Account, LearntFrom]]:
    form = request.form
    if not form.by_account_hash:
        yield request.initiator, "header"
    receiver = request.counterparty
    if form.is_native_transfer and form.target in ("public_key", "account_hash_and_key"):
        yield receiver, "target"
    if form.action in _NAMING_KEYS:
        # A delegator or bidder is always the initiator here.
        yield receiver, "argument"
        if request.new_validator:
            yield request.new_validator, "argument"
