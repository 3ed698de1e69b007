"""Cursors: where a page ended, opaque to clients, bound to the selection that it belongs to."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from casper_dash.api.kinds import Field, Kind

_MAX_LENGTH = 200


def encode_cursor(selection: str, key: Sequence[Field], row: Mapping[str, Any]) -> str:
    """The cursor behind `row`; `selection` says what was asked for, the same on each page."""
    values = [str(field.kind.render(row[field.name])) for field in key]
    text = ",".join([_fingerprint(selection), *values])
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, selection: str, key: Sequence[Field]) -> tuple[Any, ...]:
    """The key's values in `cursor`. Raises ValueError if it is of another selection or none."""
    fingerprint, *values = _text(cursor).split(",")
    if fingerprint != _fingerprint(selection) or len(values) != len(key):
        raise ValueError(cursor)
    return tuple(field.kind.parse(value) for field, value in zip(key, values, strict=True))


def _text(cursor: str) -> str:
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(cursor) from error


def _fingerprint(selection: str) -> str:
    return blake2b(selection.encode(), digest_size=6).hexdigest()


def _form(text: str) -> str:
    if not 0 < len(text) <= _MAX_LENGTH:
        raise ValueError(text)
    return text


CURSOR = Kind("the `next` of an answer to the same query", {"type": "string"}, _form)
