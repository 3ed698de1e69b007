"""Era information → who was paid how much."""

from collections import defaultdict
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from crawler.parse.fields import Digits, Hash, Index, PublicKey, Result, motes, reads
from crawler.parse.parties import DelegatorKind
from crawler.parse.records import EraInfo, RewardAllocation


class _Allocation(msgspec.Struct):
    validator_public_key: PublicKey
    amount: Digits
    delegator_public_key: PublicKey | None = None
    delegator_kind: DelegatorKind | None = None


_Kind = Literal["Validator", "Delegator", "DelegatorKind"]
_TaggedAllocation = Annotated[dict[_Kind, _Allocation], Meta(min_length=1, max_length=1)]


class _EraInfo(msgspec.Struct):
    seigniorage_allocations: list[_TaggedAllocation]


class _StoredValue(msgspec.Struct, rename="pascal"):
    era_info: _EraInfo


class _Summary(msgspec.Struct):
    block_hash: Hash
    era_id: Index
    stored_value: _StoredValue


class _SummaryResult(msgspec.Struct):
    era_summary: _Summary | None


_decoder = msgspec.json.Decoder(_SummaryResult)


@reads("chain_get_era_info_by_switch_block")
def parse_era_info(result: Result) -> EraInfo | None:
    """An era's payout, by `chain_get_era_info_by_switch_block` or `chain_get_era_summary`.

    None if the block asked for is no switch block. One validator or delegator may be listed
    more than once (2.x: one entry for each paid era). Source: casper-types `SeigniorageAllocation`.
    """
    summary = _decoder.decode(result).era_summary
    if summary is None:
        return None
    allocations = summary.stored_value.era_info.seigniorage_allocations
    paid = tuple(_record(*tagged.popitem()) for tagged in allocations)
    return EraInfo(summary.era_id, summary.block_hash.lower(), paid)


def paid(era_info: EraInfo) -> dict[tuple[str, str], int]:
    """Motes by validator and delegator, "" for the validator's own."""
    rewards: dict[tuple[str, str], int] = defaultdict(int)
    for allocation in era_info.allocations:
        rewards[allocation.validator, allocation.delegator or ""] += allocation.amount
    return dict(rewards)


def _record(kind: str, allocation: _Allocation) -> RewardAllocation:
    delegator = None if kind == "Validator" else _delegator(allocation)
    amount = motes(allocation.amount)
    return RewardAllocation(allocation.validator_public_key.lower(), delegator, amount)


def _delegator(allocation: _Allocation) -> str:
    if allocation.delegator_kind is not None:
        return allocation.delegator_kind.resolve()
    if allocation.delegator_public_key is None:
        raise ValueError("expected `delegator_public_key` or `delegator_kind`")
    return allocation.delegator_public_key.lower()
