"""Blocks and headers, in 1.x form, in 2.x form, and wrapped as a 2.x sidecar wraps both."""

import hashlib
import time

from crawler.sandbox.answers.clvalue import Json
from crawler.sandbox.block import Block, EraEnd, Header, Transaction
from crawler.sandbox.chain import REWARDED_SIGNATURES, Chain


def bare_block(block: Block) -> Json:
    """The block alone: hash, header and body."""
    body = _body_v2(block) if block.header.is_v2 else _body_v1(block)
    return {"hash": block.hash.hex(), "header": bare_header(block.header), "body": body}


def wrapped_block(block: Block) -> Json:
    return {_version(block.header): bare_block(block)}


def wrapped_header(header: Header) -> Json:
    return {_version(header): bare_header(header)}


def bare_header(header: Header) -> Json:
    fields: Json = {
        "parent_hash": header.parent_hash.hex(),
        "state_root_hash": header.state_root_hash.hex(),
        "body_hash": header.body_hash.hex(),
        "random_bit": header.random_bit,
        "accumulated_seed": header.accumulated_seed.hex(),
        "era_end": _era_end(header),
        "timestamp": timestamp(header.timestamp_ms),
        "era_id": header.era_id,
        "height": header.height,
        "protocol_version": header.protocol_version,
    }
    if header.is_v2:
        last_switch = header.last_switch_block_hash
        fields["proposer"] = header.proposer
        fields["current_gas_price"] = header.gas_price
        fields["last_switch_block_hash"] = last_switch.hex() if last_switch else None
    return fields


def proofs(chain: Chain, block: Block) -> list[Json]:
    """One well-formed, invented signature of each validator of the block's era."""
    previous = chain.switch_block(block.header.era_id - 1)
    if previous is None or previous.header.era_end is None:
        return []
    return [
        {"public_key": key, "signature": signature(key, block.hash)}
        for key in previous.header.era_end.weights
    ]


def signature(public_key: str, signed: bytes) -> str:
    """64 invented bytes with the key's algorithm tag."""
    digest = hashlib.blake2b(signed, key=bytes.fromhex(public_key), digest_size=64)
    return public_key[:2] + digest.hexdigest()


def timestamp(time_ms: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    seconds, milliseconds = divmod(time_ms, 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{milliseconds:03}Z"


def transaction_hash(transaction: Transaction) -> Json:
    return {"Deploy" if transaction.is_deploy else "Version1": transaction.hash.hex()}


def _version(header: Header) -> str:
    return "Version2" if header.is_v2 else "Version1"


def _body_v1(block: Block) -> Json:
    return {
        "proposer": block.header.proposer,
        "deploy_hashes": [each.hash.hex() for each in block.other_lanes],
        "transfer_hashes": [each.hash.hex() for each in block.mint_lane],
    }


def _body_v2(block: Block) -> Json:
    lanes = block.lanes()
    return {
        "transactions": {
            str(lane): [transaction_hash(each) for each in lanes[lane]] for lane in sorted(lanes)
        },
        "rewarded_signatures": [list(each) for each in REWARDED_SIGNATURES],
    }


def _era_end(header: Header) -> Json | None:
    era_end = header.era_end
    if era_end is None:
        return None
    return _era_end_v2(era_end) if header.is_v2 else _era_end_v1(era_end)


def _era_end_v1(era_end: EraEnd) -> Json:
    rewards = [
        {"validator": key, "amount": factor} for key, factor in era_end.reward_factors.items()
    ]
    return {
        "era_report": {
            "equivocators": list(era_end.equivocators),
            "rewards": rewards,
            "inactive_validators": list(era_end.inactive),
        },
        "next_era_validator_weights": _weights(era_end),
    }


def _era_end_v2(era_end: EraEnd) -> Json:
    rewards = {key: [str(amount) for amount in paid] for key, paid in era_end.rewards.items()}
    return {
        "equivocators": list(era_end.equivocators),
        "inactive_validators": list(era_end.inactive),
        "next_era_validator_weights": _weights(era_end),
        "rewards": rewards,
        "next_era_gas_price": era_end.next_gas_price,
    }


def _weights(era_end: EraEnd) -> list[Json]:
    return [{"validator": key, "weight": str(weight)} for key, weight in era_end.weights.items()]
