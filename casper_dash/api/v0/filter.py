"""The `filter` object's grammar: what a client may say, checked and turned into a selection.

Column names and operators are looked up, values converted to the column's kind: nothing of the
client's text gets into SQL but as a bound value.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from casper_dash.api.v0.errors import IncorrectQuery
from casper_dash.api.v0.operands import Operand, read_operand
from casper_dash.api.v0.parameters import bounded, to_number, whole
from casper_dash.queries.v0.conditions import All, Condition, Either, Kind, Order, Selection, Test

MAX_ROWS = 1000
_MOST_TESTS = 200
_DEEPEST = 12
_MOST_ORDER_KEYS = 20
_KEYS = frozenset({"where", "fields", "order", "limit", "skip", "offset"})
_ORDER = re.compile(r"\s*(\w+)(?:\s+(asc|desc))?\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Filter:
    """A selection, and which fields of its rows; None: all of them."""

    selection: Selection
    fields: frozenset[str] | None


def read_filter(given: Mapping[str, Any], kinds: Mapping[str, Kind], names: set[str]) -> Filter:
    """The filter on columns of these kinds, whose rows have the fields `names`.

    Raises IncorrectQuery for everything that cannot be run.
    """
    if not given.keys() <= _KEYS:
        raise IncorrectQuery
    try:
        where = _Where(kinds).read(given.get("where", {}), 0)
        limit = _count(given.get("limit"))
        skip = _count(given.get("skip", given.get("offset")))
        order = read_order(given["order"], kinds) if "order" in given else ()
    except ValueError as error:
        raise IncorrectQuery from error
    rows = min(limit or MAX_ROWS, MAX_ROWS)
    return Filter(Selection(rows, skip, where, order), read_fields(given.get("fields"), names))


class _Where:
    """Reads conditions, counting them: nobody needs hundreds."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds
        self._left = _MOST_TESTS

    def read(self, given: Any, depth: int) -> Condition:
        if not isinstance(given, dict) or depth > _DEEPEST:
            raise ValueError("where is an object, nested to some depth")
        parts: list[Condition] = []
        for name, value in given.items():
            if name in ("and", "or"):
                parts.append(self._joined(name, value, depth))
            else:
                parts += self._tests(name, value)
        return All(tuple(parts))

    def _joined(self, name: str, given: Any, depth: int) -> Condition:
        if not isinstance(given, list) or (name == "or" and not given):
            raise ValueError(f"{name} takes a list of conditions")
        parts = tuple(self.read(each, depth + 1) for each in given)
        return All(parts) if name == "and" else Either(parts)

    def _tests(self, name: str, value: Any) -> list[Test]:
        if name not in self._kinds:
            raise ValueError(f"no such column: {name}")
        operators = value if isinstance(value, dict) else {"eq": value}
        self._left -= len(operators)
        if not operators or self._left < 0:
            raise ValueError("no condition, or too many")
        return [
            self._test(name, read_operand(self._kinds[name], operator, operand))
            for operator, operand in operators.items()
        ]

    def _test(self, name: str, operand: Operand) -> Test:
        return Test(name, operand.operator, operand.value)


def read_order(given: Any, kinds: Mapping[str, Kind]) -> tuple[Order, ...]:
    """Keys of an order: text or a list of texts, commas between keys. Raises ValueError."""
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("order is text or a list of texts")
    keys = [key for text in texts for key in text.split(",")]
    if not 0 < len(keys) <= _MOST_ORDER_KEYS:
        raise ValueError("no key, or too many")
    order: dict[str, Order] = {}
    for key in keys:
        match = _ORDER.fullmatch(key)
        if match is None or match[1] not in kinds:
            raise ValueError(f"no such order: {key}")
        descending = (match[2] or "").lower() == "desc"
        order.setdefault(match[1], Order(match[1], descending))
    return tuple(order.values())


def read_fields(given: Any, names: set[str]) -> frozenset[str] | None:
    """The fields to keep; None: all. Unknown names are dropped."""
    if isinstance(given, str) and given:
        return frozenset({given} & names)
    if isinstance(given, list) and given:
        return frozenset(name for name in given if isinstance(name, str)) & names
    if isinstance(given, dict) and given:
        kept = {name for name, keep in given.items() if keep in (True, "true", 1)}
        return frozenset(kept & names if kept else names - given.keys())
    return None


def _count(given: Any) -> int:
    """How many, 0 if it is not said. Raises ValueError."""
    if given is None:
        return 0
    if isinstance(given, bool) or not isinstance(given, int | str | Decimal):
        raise ValueError("expected a number")
    number = to_number(given) if isinstance(given, str) else bounded(Decimal(given))
    if number > 0 and number == number.to_integral_value():
        return whole(number) or 2**63 - 1
    if number:
        raise ValueError("expected a whole number from 0")
    return 0
