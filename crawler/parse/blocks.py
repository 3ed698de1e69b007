"""Node JSON → block records, for the 1.x and 2.x forms. Nothing leaves here unverified."""

from collections.abc import Iterable

import msgspec

from crawler.parse.block_json import (
    Block,
    BlockV1,
    BlockV2,
    EraEndForm,
    EraEndV1,
    ValidatorWeight,
    VersionedBlock,
)
from crawler.parse.errors import HashMismatch, ParseError
from crawler.parse.fields import Hash, Result, TaggedHash, motes, reads, utc_milliseconds
from crawler.parse.hashing import body_hash, header_hash
from crawler.parse.records import BlockRecord, EraEnd, TransactionHash

_MINT_LANE = 0


class _SignedBlock(msgspec.Struct):
    block: VersionedBlock


class _BlockResult(msgspec.Struct):
    block: BlockV1 | None = None
    block_with_signatures: _SignedBlock | None = None


class _BlockAdded(msgspec.Struct):
    block_hash: Hash
    block: msgspec.Raw


class _Event(msgspec.Struct, rename="pascal"):
    block_added: _BlockAdded


_result_decoder = msgspec.json.Decoder(_BlockResult)
_event_decoder = msgspec.json.Decoder(_Event)
_bare_decoder = msgspec.json.Decoder(BlockV1)
_versioned_decoder = msgspec.json.Decoder(VersionedBlock)
_keys_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])


@reads("chain_get_block")
def parse_block(result: Result) -> BlockRecord | None:
    """The block of a `chain_get_block` result; None if the node lacks it.

    Its header and body hash are recomputed: raises HashMismatch, naming the height, if one is
    not what the node claims. Source: casper-types `JsonBlock` (1.x), `JsonBlockWithSignatures`.
    """
    answer = _result_decoder.decode(result)
    if answer.block_with_signatures is not None:
        return _verified(answer.block_with_signatures.block.content())
    return None if answer.block is None else _verified(answer.block)


@reads("BlockAdded")
def parse_block_added(data: bytes) -> BlockRecord:
    """The block of one `BlockAdded` event, verified as `parse_block` does; `data` is its JSON."""
    event = _event_decoder.decode(data).block_added
    if "hash" in _keys_decoder.decode(event.block):
        record = _verified(_bare_decoder.decode(event.block))
    else:
        record = _verified(_versioned_decoder.decode(event.block).content())
    if event.block_hash.lower() != record.hash:
        problem = f"block {record.height} is announced as {event.block_hash}, but is {record.hash}"
        raise ParseError("BlockAdded", problem, "$.BlockAdded.block_hash")
    return record


def _verified(block: Block) -> BlockRecord:
    header = block.header
    # First the times and sums that hashing relies on, then the hashes.
    record = _record(block)
    _compare(record.height, "body", header.body_hash, body_hash(block.body))
    _compare(record.height, "header", block.hash, header_hash(header))
    return record


def _compare(height: int, part: str, claimed: str, computed: str) -> None:
    if claimed.lower() != computed:
        raise HashMismatch(height, part, claimed=claimed.lower(), computed=computed)


def _record(block: Block) -> BlockRecord:
    header = block.header
    mint_lane, other_lanes = _lanes_v1(block) if isinstance(block, BlockV1) else _lanes_v2(block)
    proposer = block.body.proposer if isinstance(block, BlockV1) else block.header.proposer
    return BlockRecord(
        height=header.height,
        hash=block.hash.lower(),
        parent_hash=header.parent_hash.lower(),
        era_id=header.era_id,
        timestamp=utc_milliseconds(header.timestamp),
        proposer=proposer.lower(),
        protocol_version=header.protocol_version,
        state_root_hash=header.state_root_hash.lower(),
        mint_lane=mint_lane,
        other_lanes=other_lanes,
        era_end=None if header.era_end is None else _era_end(header.era_end),
    )


_Lanes = tuple[tuple[TransactionHash, ...], tuple[TransactionHash, ...]]


def _lanes_v1(block: BlockV1) -> _Lanes:
    return _deploys(block.body.transfer_hashes), _deploys(block.body.deploy_hashes)


def _lanes_v2(block: BlockV2) -> _Lanes:
    lanes = sorted(block.body.transactions.items())
    mint = (tagged for lane, hashes in lanes if lane == _MINT_LANE for tagged in hashes)
    others = (tagged for lane, hashes in lanes if lane != _MINT_LANE for tagged in hashes)
    return _transactions(mint), _transactions(others)


def _deploys(hashes: list[str]) -> tuple[TransactionHash, ...]:
    return tuple(TransactionHash("Deploy", digits.lower()) for digits in hashes)


def _transactions(hashes: Iterable[TaggedHash]) -> tuple[TransactionHash, ...]:
    return tuple(
        TransactionHash(kind, digits.lower())
        for tagged in hashes
        for kind, digits in tagged.items()
    )


def _era_end(era_end: EraEndForm) -> EraEnd:
    weights = _weights(era_end.next_era_validator_weights)
    if isinstance(era_end, EraEndV1):
        return EraEnd(weights, rewards=None)
    return EraEnd(weights, {key.lower(): _paid(paid) for key, paid in era_end.rewards.items()})


def _weights(entries: list[ValidatorWeight]) -> dict[str, int]:
    return {entry.validator.lower(): motes(entry.weight) for entry in entries}


def _paid(amounts: list[str] | str) -> tuple[int, ...]:
    return (motes(amounts),) if isinstance(amounts, str) else tuple(map(motes, amounts))
