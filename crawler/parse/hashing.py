"""Header and body bytes of 1.x and 2.x blocks, and their blake2b digests.

Integers are little-endian, vectors and maps are a u32 count and their items, maps sorted by the
bytes of their keys, options 00 or 01 and the value. Source: casper-types `ToBytes`.
"""

from collections.abc import Iterable
from hashlib import blake2b

from crawler.parse.block_json import (
    Body,
    BodyV1,
    BodyV2,
    EraEndForm,
    EraEndV1,
    EraEndV2,
    Header,
    HeaderV2,
    ValidatorWeight,
)
from crawler.parse.fields import TaggedHash, motes, u64, unix_milliseconds

_HASH_TAGS = {"Deploy": b"\x00", "Version1": b"\x01"}
_NONE = b"\x00"
_SOME = b"\x01"

_raw = bytes.fromhex


def header_hash(header: Header) -> str:
    """The block's hash, 64 hex digits."""
    return _digest(_header_bytes(header))


def body_hash(body: Body) -> str:
    """What the header must hold as `body_hash`, 64 hex digits."""
    return _digest(_body_v1_bytes(body) if isinstance(body, BodyV1) else _body_v2_bytes(body))


def u512_bytes(amount: int) -> bytes:
    """One byte for the length, then as few little-endian bytes as hold the amount."""
    length = (amount.bit_length() + 7) // 8
    return bytes((length,)) + amount.to_bytes(length, "little")


def read_u512(encoded: bytes) -> int:
    """The amount in `u512_bytes` form; leading zeros are allowed, as nodes allow them.

    Raises ValueError if the length is wrong.
    """
    if not encoded or encoded[0] > 64 or len(encoded) != encoded[0] + 1:
        raise ValueError("expected the bytes of a U512")
    return int.from_bytes(encoded[1:], "little")


def _header_bytes(header: Header) -> bytes:
    parts = [
        _raw(header.parent_hash),
        _raw(header.state_root_hash),
        _raw(header.body_hash),
        b"\x01" if header.random_bit else b"\x00",
        _raw(header.accumulated_seed),
        _NONE if header.era_end is None else _SOME + _era_end_bytes(header.era_end),
        unix_milliseconds(header.timestamp).to_bytes(8, "little"),
        header.era_id.to_bytes(8, "little"),
        header.height.to_bytes(8, "little"),
        *(int(part).to_bytes(4, "little") for part in header.protocol_version.split(".")),
    ]
    if isinstance(header, HeaderV2):
        last_switch = header.last_switch_block_hash
        parts += (
            _raw(header.proposer),
            bytes((header.current_gas_price,)),
            _NONE if last_switch is None else _SOME + _raw(last_switch),
        )
    return b"".join(parts)


def _era_end_bytes(era_end: EraEndForm) -> bytes:
    if isinstance(era_end, EraEndV1):
        return _era_end_v1_bytes(era_end)
    return _era_end_v2_bytes(era_end)


def _era_end_v1_bytes(era_end: EraEndV1) -> bytes:
    report = era_end.era_report
    rewards = ((_raw(r.validator), u64(r.amount).to_bytes(8, "little")) for r in report.rewards)
    return b"".join(
        (
            _vector(map(_raw, report.equivocators)),
            _map(rewards),
            _vector(map(_raw, report.inactive_validators)),
            _weights(era_end.next_era_validator_weights),
        )
    )


def _era_end_v2_bytes(era_end: EraEndV2) -> bytes:
    rewards = ((_raw(key), _reward_bytes(paid)) for key, paid in era_end.rewards.items())
    return b"".join(
        (
            _vector(map(_raw, era_end.equivocators)),
            _vector(map(_raw, era_end.inactive_validators)),
            _weights(era_end.next_era_validator_weights),
            _map(rewards),
            bytes((era_end.next_era_gas_price,)),
        )
    )


def _reward_bytes(paid: list[str] | str) -> bytes:
    if isinstance(paid, str):
        return u512_bytes(motes(paid))
    return _vector(u512_bytes(motes(amount)) for amount in paid)


def _weights(weights: list[ValidatorWeight]) -> bytes:
    return _map((_raw(entry.validator), u512_bytes(motes(entry.weight))) for entry in weights)


def _body_v1_bytes(body: BodyV1) -> bytes:
    return b"".join(
        (
            _raw(body.proposer),
            _vector(map(_raw, body.deploy_hashes)),
            _vector(map(_raw, body.transfer_hashes)),
        )
    )


def _body_v2_bytes(body: BodyV2) -> bytes:
    lanes = (
        (bytes((lane,)), _vector(map(_transaction_hash_bytes, hashes)))
        for lane, hashes in body.transactions.items()
    )
    signatures = (_vector(bytes((byte,)) for byte in of) for of in body.rewarded_signatures)
    return _map(lanes) + _vector(signatures)


def _transaction_hash_bytes(tagged: TaggedHash) -> bytes:
    ((kind, digits),) = tagged.items()
    return _HASH_TAGS[kind] + _raw(digits)


def _vector(items: Iterable[bytes]) -> bytes:
    parts = list(items)
    return len(parts).to_bytes(4, "little") + b"".join(parts)


def _map(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    return _vector(key + value for key, value in sorted(entries))


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=32).hexdigest()
