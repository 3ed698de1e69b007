"""v0's parameters: a request's values, read as the types that the endpoints declare."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from casper_dash.api.v0.errors import InvalidParameter

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,9})?\s*", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_HUGE = 30
"""Powers of ten from which a number is as good as infinite."""


class Parameters:
    """What a request gives, by name. Each reader raises InvalidParameter."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def text(self, name: str) -> str | None:
        """Any text, also empty; None if it is not given."""
        value = self._given.get(name)
        if value is not None and not isinstance(value, str):
            raise InvalidParameter(name, value)
        return value

    def number(self, name: str) -> Decimal | None:
        """A decimal number, written as JavaScript takes it."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return to_number(value)
        except ValueError as error:
            raise InvalidParameter(name, value) from error

    def time(self, name: str) -> datetime | None:
        """An RFC 3339 time with its zone, in UTC."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return to_time(value)
        except ValueError as error:
            raise InvalidParameter(name, value) from error

    def object(self, name: str) -> dict[str, Any] | None:
        """A JSON object as text, or brackets; empty text counts as absent."""
        value = self._given.get(name)
        if value is None or value == "":
            return None
        read = _from_json(name, value) if isinstance(value, str) else value
        if not isinstance(read, dict):
            raise InvalidParameter(name, value)
        if _has_refused_key(read):
            raise InvalidParameter(name, value, syntax_error="a key is not allowed")
        return read


def to_number(text: str) -> Decimal:
    """The number; one that is too large for any figure becomes some huge one.

    Raises ValueError.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is no number")
    try:
        return bounded(Decimal(text.strip()))
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no number") from error


def bounded(number: Decimal) -> Decimal:
    """The number, or one of so many digits that nothing equals it."""
    if not number:
        return Decimal(0)
    if number.adjusted() > _HUGE:
        return Decimal(10**_HUGE).copy_sign(number)
    if number.adjusted() < -_HUGE:
        return Decimal("0.5").copy_sign(number)
    return number


def whole(number: Decimal) -> int | None:
    """The number if it is whole, not negative and small enough for a column; else None."""
    if number != number.to_integral_value() or not 0 <= number < 2**63:
        return None
    return int(number)


def to_time(text: str) -> datetime:
    """The time in UTC. Raises ValueError."""
    if not _TIME.fullmatch(text):
        raise ValueError(f"{text!r} is no RFC 3339 time with a zone")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:  # the first or last hours that a datetime holds
        raise ValueError(f"{text!r} is out of range") from error


def _from_json(name: str, text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError, InvalidOperation) as error:
        words = str(error) or "nested too deeply"
        raise InvalidParameter(name, text, syntax_error=words) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"unexpected {name}")


def _has_refused_key(value: Any) -> bool:
    """Whether a key anywhere is one that would reach into a JavaScript object's prototype."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            if "__proto__" in each or "constructor.prototype" in each:
                return True
            inner = each.get("constructor")
            if isinstance(inner, dict) and "prototype" in inner:
                return True
            waiting += each.values()
    return False
