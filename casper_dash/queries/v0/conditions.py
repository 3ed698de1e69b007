"""Conditions of a `filter` as a tree, already checked, and the SQL that they become."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, func, or_, true

from casper_dash.queries.v0.functions import folded

Operator = Literal[
    "eq", "neq", "gt", "gte", "lt", "lte", "between", "inq", "nin", "like", "nlike", "regexp"
]
_ORDERED = {"eq": eq, "neq": ne, "gt": gt, "gte": ge, "lt": lt, "lte": le}
_MOST_HEX_DIGITS = 68
"""Of a public key, the longest."""


class Kind(Enum):
    """What a column holds, as far as conditions care."""

    NUMBER = "number"
    TIME = "time"
    TEXT = "text"
    HEX = "hex"


@dataclass(frozen=True)
class FilterColumn:
    """A column that a filter may name. Hex is bytes in the table and lower-case text outside."""

    kind: Kind
    sql: ColumnElement[Any]

    @property
    def text(self) -> ColumnElement[str]:
        """Its value as lower-case text, or as it is written where case is to matter."""
        if self.kind is Kind.HEX:
            # the column's own type would take the digits for bytes
            return func.lower(func.hex(self.sql, type_=String()), type_=String())
        return self.sql if self.kind is Kind.TEXT else cast(self.sql, String(100))


def number(sql: ColumnElement[Any]) -> FilterColumn:
    """A column of whole numbers."""
    return FilterColumn(Kind.NUMBER, sql)


@dataclass(frozen=True)
class Test:
    """One condition on one column. Operands are of the column's kind: int, datetime or str.

    `eq` and `neq` take None as well; `between` takes two, `inq` and `nin` a tuple of any length.
    `regexp` takes a pattern that is safe to run.
    """

    column: str
    operator: Operator
    operand: Any


@dataclass(frozen=True)
class All:
    """Every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Either:
    """At least one part holds."""

    parts: tuple["Condition", ...]


Condition = Test | All | Either


@dataclass(frozen=True)
class Order:
    """One key of an order."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class Selection:
    """Which rows, in which order, and which part of them."""

    limit: int
    skip: int = 0
    where: Condition = All(())
    order: tuple[Order, ...] = ()


def selected(
    statement: Select[Any], wanted: Selection, columns: Mapping[str, FilterColumn], key: str
) -> Select[Any]:
    """The part of `statement` that is wanted; ties by `key`, in the first key's direction."""
    order = wanted.order or (Order(key),)
    if all(each.column != key for each in order):
        order = (*order, Order(key, order[0].descending))
    keys = [_key(columns[each.column].sql, each) for each in order]
    statement = statement.where(to_sql(wanted.where, columns)).order_by(*keys)
    return statement.limit(wanted.limit).offset(wanted.skip)


def _key(column: ColumnElement[Any], order: Order) -> ColumnElement[Any]:
    return column.desc() if order.descending else column.asc()


def tests(condition: Condition) -> Iterator[Test]:
    """Every condition on a column, wherever it stands."""
    if isinstance(condition, Test):
        yield condition
    else:
        for part in condition.parts:
            yield from tests(part)


def to_sql(condition: Condition, columns: Mapping[str, FilterColumn]) -> ColumnElement[bool]:
    """The condition for `where`."""
    if isinstance(condition, Test):
        return _test(columns[condition.column], condition.operator, condition.operand)
    parts = [to_sql(part, columns) for part in condition.parts]
    return and_(true(), *parts) if isinstance(condition, All) else or_(false(), *parts)


def _test(column: FilterColumn, operator: Operator, operand: Any) -> ColumnElement[bool]:
    if operand is None:
        return column.sql.is_(None) if operator == "eq" else column.sql.is_not(None)
    if operator in ("inq", "nin"):
        return _membership(column, operand, inside=operator == "inq")
    if operator in ("like", "nlike", "regexp"):
        return _pattern(column, operator, operand)
    if column.kind is Kind.HEX and operator in ("eq", "neq"):
        if not _is_hex(operand):
            return false() if operator == "eq" else column.sql.is_not(None)
        return _compare(column.sql, operator, operand)
    return _comparison(column, operator, operand)


def _comparison(column: FilterColumn, operator: Operator, operand: Any) -> ColumnElement[bool]:
    if column.kind in (Kind.NUMBER, Kind.TIME):
        return _compare(column.sql, operator, operand)
    if operator == "between":
        return _compare(folded(column.text), operator, tuple(each.lower() for each in operand))
    return _compare(folded(column.text), operator, operand.lower())


def _compare(sql: ColumnElement[Any], operator: Operator, operand: Any) -> ColumnElement[bool]:
    if operator == "between":
        return sql.between(*operand)
    compared: ColumnElement[bool] = _ORDERED[operator](sql, operand)
    return compared


def _membership(
    column: FilterColumn, values: Sequence[Any], *, inside: bool
) -> ColumnElement[bool]:
    if not values:
        return false() if inside else true()
    sql = column.sql
    if column.kind is Kind.HEX:
        values = [value for value in values if _is_hex(value)]
    elif column.kind is Kind.TEXT:
        sql, values = folded(sql), [value.lower() for value in values]
    return sql.in_(values) if inside else sql.not_in(values)


def _pattern(column: FilterColumn, operator: Operator, pattern: str) -> ColumnElement[bool]:
    if operator == "regexp":
        return column.text.regexp_match(pattern)
    matches = folded(column.text).like(pattern.lower(), escape="\\")
    return matches if operator == "like" else ~matches


def _is_hex(text: str) -> bool:
    if len(text) > _MOST_HEX_DIGITS or len(text) % 2:
        return False
    return all(digit in "0123456789abcdefABCDEF" for digit in text)
