"""Rows by name, and keyset paging: a page begins right behind the last row of the one before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlmodel import Session

Row = Mapping[str, Any]
"""Values by the name of their column."""
Comparison = Callable[[Any, Any], ColumnElement[bool]]
"""`eq`, `ge` or `le` of the module `operator`."""


@dataclass(frozen=True)
class Page:
    """Which rows of a selection: at most `limit`, behind the key `start`, in this order."""

    limit: int
    descending: bool = True
    start: tuple[Any, ...] | None = None


def rows(session: Session, statement: Select[Any], **values: Any) -> list[Row]:
    """All rows of the statement. `values`: of its bound parameters."""
    return cast(list[Row], session.execute(statement, values).mappings().all())


def one(session: Session, statement: Select[Any], **values: Any) -> Row | None:
    """The first row of the statement; None if there is none. `values`: of its bound parameters."""
    return cast(Row | None, session.execute(statement, values).mappings().first())


def paged(statement: Select[Any], key: Sequence[ColumnElement[Any]], page: Page) -> Select[Any]:
    """The page of `statement` in the order of `key`, whose values no two rows share."""
    if page.start is not None:
        statement = statement.where(_behind(key, page.start, descending=page.descending))
    order = [column.desc() if page.descending else column.asc() for column in key]
    return statement.order_by(*order).limit(page.limit)


def _behind(
    key: Sequence[ColumnElement[Any]], values: Sequence[Any], *, descending: bool
) -> ColumnElement[bool]:
    # a >= x AND (a > x OR b > y): MariaDB answers (a, b) > (x, y) with a scan
    column, value = key[0], values[0]
    further: ColumnElement[bool] = column < value if descending else column > value
    if len(key) == 1:
        return further
    not_before = column <= value if descending else column >= value
    return and_(not_before, or_(further, _behind(key[1:], values[1:], descending=descending)))


def given(*comparisons: tuple[Comparison, ColumnElement[Any], Any]) -> list[ColumnElement[bool]]:
    """Conditions, of those comparisons whose value is not None."""
    return [compare(column, value) for compare, column, value in comparisons if value is not None]


def in_time(
    session: Session,
    key: ColumnElement[int],
    time: ColumnElement[datetime],
    after: datetime | None,
    before: datetime | None,
) -> list[ColumnElement[bool]]:
    """Conditions on `key` for `after` ≤ `time` < `before`.

    For a table in which times grow with the key. The bounds are looked up here, in the index of
    `time`: MariaDB makes no range of a bound that is a subquery, and scans.
    """
    conditions = []
    if after is not None:
        first = select(key).where(time >= after).order_by(time).limit(1)
        conditions.append(_bound(ge, key, session.execute(first).scalar()))
    if before is not None:
        last = select(key).where(time < before).order_by(time.desc()).limit(1)
        conditions.append(_bound(le, key, session.execute(last).scalar()))
    return conditions


def _bound(compare: Comparison, key: ColumnElement[int], value: int | None) -> ColumnElement[bool]:
    return false() if value is None else compare(key, value)


def page_of(every: Sequence[Row], key: Sequence[str], page: Page) -> list[Row]:
    """The page of rows that are all at hand, by the values of `key`, which no two rows share."""

    def place(row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in key)

    ordered = sorted(every, key=place, reverse=page.descending)
    if page.start is not None:
        start = page.start
        behind = lt if page.descending else gt
        ordered = [row for row in ordered if behind(place(row), start)]
    return ordered[: page.limit]
