"""Public keys, account hashes and URefs in their written forms."""

import re
from functools import lru_cache
from hashlib import blake2b

HASH_PATTERN = r"\A[0-9a-fA-F]{64}\Z"
PUBLIC_KEY_PATTERN = r"\A(01[0-9a-fA-F]{64}|02[0-9a-fA-F]{66})\Z"
PROPOSER_PATTERN = r"\A(00|01[0-9a-fA-F]{64}|02[0-9a-fA-F]{66})\Z"
ACCOUNT_KEY_PATTERN = r"\Aaccount-hash-[0-9a-fA-F]{64}\Z"
UREF_PATTERN = r"\Auref-[0-9a-fA-F]{64}-[0-7]{3}\Z"
PURSE_PATTERN = r"\A([0-9a-fA-F]{64}|uref-[0-9a-fA-F]{64}-[0-7]{3})\Z"

SYSTEM_PUBLIC_KEY = "00"
SYSTEM_ACCOUNT_HASH = blake2b(b"system\x00", digest_size=32).hexdigest()

_ALGORITHMS = {"01": b"ed25519", "02": b"secp256k1"}

_match_hash = re.compile(HASH_PATTERN).match
_match_public_key = re.compile(PUBLIC_KEY_PATTERN).match
_match_uref = re.compile(UREF_PATTERN).match


@lru_cache(maxsize=65_536)
def account_hash(public_key: str) -> str:
    """The account hash, 64 lower-case hex digits, of a public key in hex with its algorithm tag.

    Source: casper-types `AccountHash::from_public_key`. Raises ValueError for anything else.
    """
    if public_key == SYSTEM_PUBLIC_KEY:
        return SYSTEM_ACCOUNT_HASH
    if not is_public_key(public_key):
        raise ValueError(f"no public key: {public_key!r}")
    preimage = _ALGORITHMS[public_key[:2]] + b"\x00" + bytes.fromhex(public_key[2:])
    return blake2b(preimage, digest_size=32).hexdigest()


def is_public_key(text: str) -> bool:
    """Whether it is an ed25519 or secp256k1 key in hex; the system's "00" is none."""
    return _match_public_key(text) is not None


def is_hash(text: str) -> bool:
    """Whether it is 64 hex digits: a block, transaction or account hash, without prefix."""
    return _match_hash(text) is not None


def is_uref(text: str) -> bool:
    """Whether it is a URef with its access rights, `uref-…-007`."""
    return _match_uref(text) is not None
