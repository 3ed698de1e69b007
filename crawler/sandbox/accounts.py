"""Invented accounts: public keys, account hashes and purses that follow the real rules."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32).digest()


SYSTEM_ACCOUNT_HASH = _digest(b"system\x00").hex()


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    public_key: str
    account_hash: str
    purse: str


@lru_cache(maxsize=4096)
def account(name: str) -> Account:
    """The account that always belongs to a name; every fourth name's key is a secp256k1 key."""
    seed = _digest(b"casper-sandbox account " + name.encode())
    tag = "01" if seed[31] % 4 else f"020{2 + seed[30] % 2}"
    public_key = tag + seed.hex()
    return Account(public_key, account_hash(public_key), purse(name))


def account_hash(public_key: str) -> str:
    """blake2b-256 of the algorithm's name, a zero byte and the raw key."""
    algorithm = {"01": b"ed25519", "02": b"secp256k1"}[public_key[:2]]
    return _digest(algorithm + b"\x00" + bytes.fromhex(public_key[2:])).hex()


@lru_cache(maxsize=4096)
def purse(name: str) -> str:
    """The address, 64 hex digits, of the purse that always belongs to a name."""
    return _digest(b"casper-sandbox purse " + name.encode()).hex()


def contract(name: str) -> str:
    """The hash, 64 hex digits, of an invented contract."""
    return _digest(b"casper-sandbox contract " + name.encode()).hex()


def checksummed(text: str) -> str:
    """Hex in the mixed case that 1.4.3 nodes answer with. Source: CEP-57.

    A public key's tag stays as it is and is not part of what is hashed.
    """
    tag, body = (text[:2], text[2:]) if len(text) in (66, 68) else ("", text)
    bits = int.from_bytes(_digest(bytes.fromhex(body)), "little")
    letters = []
    for letter in body:
        if letter.isalpha():
            letters.append(letter.upper() if bits & 1 else letter)
            bits >>= 1
        else:
            letters.append(letter)
    return tag + "".join(letters)
