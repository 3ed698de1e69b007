"""The field types that node JSON is made of, and the one place where reading turns into ParseError.

Hex is checked for its length and may come in mixed case (1.4.3 nodes): lower it when recording.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

import msgspec
from msgspec import Meta

from crawler.parse.errors import ParseError
from crawler.parse.keys import (
    ACCOUNT_KEY_PATTERN,
    HASH_PATTERN,
    PROPOSER_PATTERN,
    PUBLIC_KEY_PATTERN,
    PURSE_PATTERN,
    UREF_PATTERN,
)
from crawler.parse.records import HashKind

Result = bytes | msgspec.Raw
"""The JSON text of a JSON-RPC `result`."""

_PART = "(0|[1-9][0-9]{0,8})"

Hash = Annotated[str, Meta(pattern=HASH_PATTERN)]
PublicKey = Annotated[str, Meta(pattern=PUBLIC_KEY_PATTERN)]
Proposer = Annotated[str, Meta(pattern=PROPOSER_PATTERN)]
AccountKey = Annotated[str, Meta(pattern=ACCOUNT_KEY_PATTERN)]
URef = Annotated[str, Meta(pattern=UREF_PATTERN)]
Purse = Annotated[str, Meta(pattern=PURSE_PATTERN)]
# 155 digits hold 2**512 - 1; `motes` refuses what lies above it.
Digits = Annotated[str, Meta(pattern=r"\A(0|[1-9][0-9]{0,154})\Z")]
Version = Annotated[str, Meta(pattern=rf"\A{_PART}\.{_PART}\.{_PART}\Z")]
# Heights and eras are u64 on the wire and signed 64-bit columns here.
Index = Annotated[int, Meta(ge=0, le=2**63 - 1)]
U8 = Annotated[int, Meta(ge=0, le=255)]
U64 = Annotated[int, Meta(ge=0)]
"""`u64` refuses what is too large: msgspec cannot hold its upper bound."""
Timestamp = Annotated[datetime, Meta(tz=True)]
TaggedHash = Annotated[dict[HashKind, Hash], Meta(min_length=1, max_length=1)]
"""`{"Deploy": hash}` or `{"Version1": hash}`."""


class OneOf(msgspec.Struct):
    """Exactly one of the fields is there, as in an externally tagged enum: `{"Variant": value}`."""

    def __post_init__(self) -> None:
        if sum(getattr(self, field) is not None for field in self.__struct_fields__) != 1:
            raise ValueError(f"expected one of {', '.join(self.__struct_encode_fields__)}")

    def content(self) -> Any:
        """The value that is there."""
        values = (getattr(self, field) for field in self.__struct_fields__)
        return next(value for value in values if value is not None)


class BlockRange(msgspec.Struct):
    """The heights that a node holds, both included."""

    low: Index
    high: Index


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOTES_LIMIT = 10**38
"""Amounts that the database keeps are below."""
_MAX_U64 = 2**64 - 1

_P = ParamSpec("_P")
_T = TypeVar("_T")


def reads(method: str) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Let a parser raise ParseError, naming the RPC method, for whatever its input may hold."""

    def decorate(parse: Callable[_P, _T]) -> Callable[_P, _T]:
        @wraps(parse)
        def parse_or_refuse(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            try:
                return parse(*args, **kwargs)
            except (msgspec.DecodeError, ValueError) as error:
                problem, _, path = str(error).partition(" - at `")
                raise ParseError(method, problem, path.replace("`", "") or "$") from error
            except RecursionError as error:
                raise ParseError(method, "nested too deeply") from error

        return parse_or_refuse

    return decorate


def motes(digits: str) -> int:
    """An amount written in decimal digits."""
    return checked_motes(int(digits))


def checked_motes(amount: int) -> int:
    """The amount, if the database can keep it; a U512 can pass that, what exists cannot."""
    if amount >= MOTES_LIMIT:
        raise ValueError(f"expected an amount below 10^38 motes, got {amount}")
    return amount


def u64(number: int) -> int:
    """A number that msgspec has found to be whole and not negative."""
    if number > _MAX_U64:
        raise ValueError(f"expected a u64, got {number}")
    return number


def utc_milliseconds(time: datetime) -> datetime:
    """A node's time, which is UTC, no earlier than 1970 and floored to milliseconds."""
    if time.tzinfo is not UTC or time < _EPOCH:
        raise ValueError(f"expected a UTC time from 1970 on, got {time.isoformat()}")
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def unix_milliseconds(time: datetime) -> int:
    """Whole milliseconds since 1970."""
    since = time - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def bare_account_hash(account_key: str) -> str:
    """The 64 digits of `account-hash-…`."""
    return account_key[-64:].lower()


def purse_address(purse: str) -> str:
    """The 64 digits of a purse, written bare or as a URef."""
    return purse.removeprefix("uref-")[:64].lower()
