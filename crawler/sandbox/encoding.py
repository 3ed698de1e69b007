"""Casper's binary encoding of blocks and their hashes, written from the protocol alone.

Integers are little-endian, digests raw, vectors and maps a u32 count and their items.
"""

import hashlib
from collections.abc import Iterable, Mapping

from crawler.sandbox.block import EraEnd, Header, Transaction


def blake2b(data: bytes) -> bytes:
    """The 32-byte digest that Casper uses everywhere."""
    return hashlib.blake2b(data, digest_size=32).digest()


def u32(value: int) -> bytes:
    return value.to_bytes(4, "little")


def u64(value: int) -> bytes:
    return value.to_bytes(8, "little")


def u512(value: int) -> bytes:
    """One length byte and the shortest little-endian form; zero is one zero byte."""
    length = (value.bit_length() + 7) // 8
    return bytes((length,)) + value.to_bytes(length, "little")


def vector(items: Iterable[bytes]) -> bytes:
    encoded = list(items)
    return u32(len(encoded)) + b"".join(encoded)


def block_hash(header: Header) -> bytes:
    """Hash of a header in its form, 1.x or 2.x."""
    parts = [
        header.parent_hash,
        header.state_root_hash,
        header.body_hash,
        b"\x01" if header.random_bit else b"\x00",
        header.accumulated_seed,
        _optional(_era_end(header)),
        u64(header.timestamp_ms),
        u64(header.era_id),
        u64(header.height),
        *(u32(int(part)) for part in header.protocol_version.split(".")),
    ]
    if header.is_v2:
        parts += [
            bytes.fromhex(header.proposer),
            bytes((header.gas_price,)),
            _optional(header.last_switch_block_hash),
        ]
    return blake2b(b"".join(parts))


def body_hash_v1(proposer: str, deploys: Iterable[bytes], transfers: Iterable[bytes]) -> bytes:
    return blake2b(bytes.fromhex(proposer) + vector(deploys) + vector(transfers))


def body_hash_v2(
    lanes: Mapping[int, Iterable[Transaction]], rewarded_signatures: Iterable[bytes]
) -> bytes:
    encoded_lanes = (
        bytes((lane,)) + vector(_transaction_hash(each) for each in lanes[lane])
        for lane in sorted(lanes)
    )
    signatures = vector(u32(len(each)) + each for each in rewarded_signatures)
    return blake2b(vector(encoded_lanes) + signatures)


def _transaction_hash(transaction: Transaction) -> bytes:
    return (b"\x00" if transaction.is_deploy else b"\x01") + transaction.hash


def _optional(encoded: bytes | None) -> bytes:
    return b"\x00" if encoded is None else b"\x01" + encoded


def _era_end(header: Header) -> bytes | None:
    era_end = header.era_end
    if era_end is None:
        return None
    return _era_end_v2(era_end) if header.is_v2 else _era_end_v1(era_end)


def _era_end_v1(era_end: EraEnd) -> bytes:
    rewards = {key: u64(factor) for key, factor in era_end.reward_factors.items()}
    return b"".join(
        (_keys(era_end.equivocators), _map(rewards), _keys(era_end.inactive), _weights(era_end))
    )


def _era_end_v2(era_end: EraEnd) -> bytes:
    rewards = {key: vector(u512(each) for each in paid) for key, paid in era_end.rewards.items()}
    return b"".join(
        (
            _keys(era_end.equivocators),
            _keys(era_end.inactive),
            _weights(era_end),
            _map(rewards),
            bytes((era_end.next_gas_price,)),
        )
    )


def _keys(keys: Iterable[str]) -> bytes:
    return vector(bytes.fromhex(key) for key in keys)


def _weights(era_end: EraEnd) -> bytes:
    return _map({key: u512(weight) for key, weight in era_end.weights.items()})


def _map(entries: Mapping[str, bytes]) -> bytes:
    # A public key's hex sorts as its bytes do, so long as all of it is lower case.
    return vector(bytes.fromhex(key) + entries[key] for key in sorted(entries))
