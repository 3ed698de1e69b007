"""CLValues: a type, the value's bytes in hex, and its parsed form."""

from collections.abc import Sequence
from typing import Any

from crawler.sandbox import encoding

Json = dict[str, Any]


def u8(value: int) -> Json:
    return {"cl_type": "U8", "bytes": f"{value:02x}", "parsed": value}


def u256(value: int) -> Json:
    return {"cl_type": "U256", "bytes": encoding.u512(value).hex(), "parsed": str(value)}


def u512(value: int) -> Json:
    return {"cl_type": "U512", "bytes": encoding.u512(value).hex(), "parsed": str(value)}


def optional_u64(value: int | None) -> Json:
    encoded = "00" if value is None else "01" + encoding.u64(value).hex()
    return {"cl_type": {"Option": "U64"}, "bytes": encoded, "parsed": value}


def string(text: str) -> Json:
    encoded = encoding.u32(len(text)) + text.encode()
    return {"cl_type": "String", "bytes": encoded.hex(), "parsed": text}


def public_key(key: str) -> Json:
    return {"cl_type": "PublicKey", "bytes": key, "parsed": key}


def byte_array(digest: str) -> Json:
    return {"cl_type": {"ByteArray": 32}, "bytes": digest, "parsed": digest}


def account_key(account_hash: str) -> Json:
    return {
        "cl_type": "Key",
        "bytes": "00" + account_hash,
        "parsed": {"Account": f"account-hash-{account_hash}"},
    }


def uref(purse: str) -> Json:
    return {"cl_type": "URef", "bytes": purse + "07", "parsed": written_uref(purse)}


def optional_uref(purse: str) -> Json:
    return {
        "cl_type": {"Option": "URef"},
        "bytes": f"01{purse}07",
        "parsed": written_uref(purse),
    }


def any_list(items: Sequence[bytes]) -> Json:
    """A list whose items' type a node cannot parse."""
    return {"cl_type": {"List": "Any"}, "bytes": encoding.vector(items).hex(), "parsed": None}


def written_uref(purse: str) -> str:
    return f"uref-{purse}-007"
