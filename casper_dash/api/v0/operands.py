"""Operands of a filter's operators, converted to what the column holds."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, get_args

from casper_dash.api.v0.parameters import bounded, to_number, to_time
from casper_dash.api.v0.patterns import MAX_LENGTH, safe_pattern
from casper_dash.queries.v0.conditions import Kind, Operator

_MOST_IN_A_LIST = 2000
_LARGEST = 2**63 - 1
_OPERATORS = frozenset(get_args(Operator))
_FLAGS = {"true": 1, "false": 0}


@dataclass(frozen=True)
class Operand:
    """An operator and its operand; perhaps another operator than was written, of equal meaning."""

    operator: Operator
    value: Any


def read_operand(kind: Kind, operator: str, given: Any) -> Operand:
    """The condition on a column of that kind. Raises ValueError for what makes no sense on it."""
    if operator not in _OPERATORS:
        raise ValueError(f"no such operator: {operator}")
    if operator in ("eq", "neq") and given is None:
        return Operand(operator, None)  # type: ignore[arg-type]
    if operator in ("like", "nlike", "regexp"):
        return _pattern(kind, operator, given)
    return _READERS[kind](operator, given)


def _pattern(kind: Kind, operator: Any, given: Any) -> Operand:
    text = _text(given)
    if kind is Kind.TIME:
        raise ValueError("times are no text")
    if operator == "regexp":
        return Operand(operator, safe_pattern(text))
    if len(text) > MAX_LENGTH or (len(text) - len(text.rstrip("\\"))) % 2:
        raise ValueError("a pattern that is too long, or ends within an escape")
    return Operand(operator, text)


def _values(operator: str, given: Any, convert: Callable[[Any], Any]) -> Any:
    if operator not in ("between", "inq", "nin"):
        return convert(given)
    if not isinstance(given, list) or len(given) > _MOST_IN_A_LIST:
        raise ValueError(f"{operator} takes a list")
    if operator == "between" and len(given) != 2:
        raise ValueError("between takes two values")
    return tuple(convert(each) for each in given)


def _text_operand(operator: Any, given: Any) -> Operand:
    return Operand(operator, _values(operator, given, _text))


def _time_operand(operator: Any, given: Any) -> Operand:
    def convert(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("a time is text")
        return to_time(value)

    return Operand(operator, _values(operator, given, convert))


def _number_operand(operator: Any, given: Any) -> Operand:
    """Whole numbers only: columns hold no others."""
    value = _values(operator, given, _number)
    if operator == "between":
        return Operand(operator, (_ceiling(value[0]), _floor(value[1])))
    if operator in ("inq", "nin"):
        return _membership(operator, value)
    return _comparison(operator, value)


def _membership(operator: Any, numbers: tuple[Decimal, ...]) -> Operand:
    held = tuple(_floor(number) for number in numbers if _can_be_held(number))
    if operator == "nin" and numbers and not held:
        return Operand("neq", None)
    return Operand(operator, held)


def _comparison(operator: Any, number: Decimal) -> Operand:
    if operator in ("eq", "neq"):
        if _can_be_held(number):
            return Operand(operator, _floor(number))
        return Operand("inq", ()) if operator == "eq" else Operand("neq", None)
    round_up = operator in ("gte", "lt")
    return Operand(operator, _ceiling(number) if round_up else _floor(number))


def _can_be_held(number: Decimal) -> bool:
    return number == number.to_integral_value() and abs(number) <= _LARGEST


def _ceiling(number: Decimal) -> int:
    return _clamped(number.to_integral_value(ROUND_CEILING))


def _floor(number: Decimal) -> int:
    return _clamped(number.to_integral_value(ROUND_FLOOR))


def _clamped(number: Decimal) -> int:
    return max(min(int(number), _LARGEST), -_LARGEST)


def _number(value: Any) -> Decimal:
    if isinstance(value, str):
        return Decimal(_FLAGS[value]) if value in _FLAGS else to_number(value)
    if isinstance(value, int | Decimal):
        return bounded(Decimal(value))
    raise ValueError("expected a number")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal):
        return str(value)
    raise ValueError("expected text")


_READERS: dict[Kind, Callable[[Any, Any], Operand]] = {
    Kind.NUMBER: _number_operand,
    Kind.TIME: _time_operand,
    Kind.TEXT: _text_operand,
    Kind.HEX: _text_operand,
}
