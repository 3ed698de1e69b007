"""Casper's typed values: the few types that are read out of them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from crawler.parse.fields import Digits, motes
from crawler.parse.hashing import read_u512
from crawler.parse.keys import is_public_key

_NULL = msgspec.Raw(b"null")


class CLValue(msgspec.Struct):
    """A value as `bytes`, and mostly also `parsed` by the node; the types read here have both."""

    cl_type: msgspec.Raw
    encoded: str | None = msgspec.field(name="bytes", default=None)
    parsed: msgspec.Raw = _NULL


_amount_decoder: msgspec.json.Decoder[str | int | None] = msgspec.json.Decoder(
    Digits | Annotated[int, Meta(ge=0)] | None
)


def read_amount(value: CLValue) -> int:
    """A U512, from `bytes`, from `parsed`, or from both if they agree; ValueError otherwise."""
    if bytes(value.cl_type) != b'"U512"':
        raise ValueError("expected a CLValue of type U512")
    parsed = _parsed_amount(value.parsed)
    if value.encoded is None:
        if parsed is None:
            raise ValueError("expected `bytes` or `parsed` of a U512")
        return parsed
    amount = read_u512(bytes.fromhex(value.encoded))
    if parsed not in (amount, None):
        raise ValueError(f"expected the U512 {amount} of `bytes`, got {parsed} as `parsed`")
    return amount


def _parsed_amount(parsed: msgspec.Raw) -> int | None:
    number = _amount_decoder.decode(parsed)
    return number if number is None else motes(str(number))


def read_public_key(value: CLValue) -> str | None:
    """A public key in lower case; None for any other type and for bytes that are no key."""
    if bytes(value.cl_type) != b'"PublicKey"' or value.encoded is None:
        return None
    key = value.encoded.lower()
    # Anyone may choose the bytes: a node leaves `parsed` empty when they are no key.
    parsed = bytes(value.parsed).strip(b'"').lower()
    return key if is_public_key(key) and parsed == key.encode() else None
