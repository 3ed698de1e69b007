"""The JSON-RPC envelope around every answer."""

from typing import Any, Literal

import msgspec

from crawler.parse.errors import ErrorAnswer
from crawler.parse.fields import BlockRange, reads

_ABSENT = msgspec.Raw(b"")


class _Error(msgspec.Struct):
    code: int
    message: str
    data: Any = None


class _Envelope(msgspec.Struct):
    jsonrpc: Literal["2.0"]
    result: msgspec.Raw = _ABSENT
    error: _Error | None = None


class _MissingBlock(msgspec.Struct):
    available_block_range: BlockRange


_decoder = msgspec.json.Decoder(_Envelope)


@reads("JSON-RPC")
def read_envelope(body: bytes) -> msgspec.Raw:
    """The `result` of an answer, still as JSON text.

    Raises ErrorAnswer if the node answered with an error, ParseError if this is no answer.
    """
    envelope = _decoder.decode(body)
    if envelope.error is not None:
        error = envelope.error
        raise ErrorAnswer(error.code, error.message, error.data, _block_range(error.data))
    if not bytes(envelope.result):
        raise ValueError("expected `result` or `error`")
    return envelope.result


def _block_range(data: Any) -> tuple[int, int] | None:
    """What a node holds, as told beside "no such block" (1.5 and later)."""
    try:
        told = msgspec.convert(data, _MissingBlock).available_block_range
    except msgspec.ValidationError:
        return None
    return told.low, told.high
