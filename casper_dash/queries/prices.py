"""Hourly prices in USD, and days made of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import ge, lt
from typing import Any, Literal

from sqlalchemy import Select, select
from sqlmodel import Session

from casper_dash.queries.paging import Page, Row, given, one, paged, rows
from crawler.models.feeds import PRICE

Interval = Literal["hour", "day"]

_HOURS = 24
_COLUMNS = (
    PRICE.hour.label("time"),
    PRICE.open,
    PRICE.high,
    PRICE.low,
    PRICE.close,
    PRICE.volume_cspr,
    PRICE.volume_usd,
)


@dataclass(frozen=True)
class PriceFilter:
    """`after` ≤ hour < `before`, each hour or made days (UTC) of."""

    after: datetime | None = None
    before: datetime | None = None
    interval: Interval = "hour"


def prices(session: Session, wanted: PriceFilter, page: Page) -> list[Row]:
    """Prices by time. Reads the key; of days, 24 rows for each."""
    bounds = given((ge, PRICE.hour, wanted.after), (lt, PRICE.hour, wanted.before))
    statement = _select().where(*bounds)
    if wanted.interval == "day":
        return _days(session, statement, page)
    return rows(session, paged(statement, [PRICE.hour], page))


def newest_price(session: Session) -> Row | None:
    """The newest hour that is held. Reads the end of the key."""
    return one(session, _select().order_by(PRICE.hour.desc()).limit(1))


def _select() -> Select[Any]:
    return select(*_COLUMNS)


def _days(session: Session, statement: Select[Any], page: Page) -> list[Row]:
    # so many hours are at least so many whole days; a day begun behind them is cut off
    most = Page(page.limit * _HOURS, page.descending, _hour(page))
    hours = rows(session, paged(statement, [PRICE.hour], most))
    return list(_by_day(hours))[: page.limit]


def _hour(page: Page) -> tuple[datetime] | None:
    """The last hour, in the page's direction, of the day that the page begins behind."""
    if page.start is None:
        return None
    day: datetime = page.start[0]
    return (day if page.descending else day + timedelta(hours=_HOURS - 1),)


def _by_day(hours: Iterable[Row]) -> Iterator[Row]:
    for day, rows_of_day in groupby(hours, lambda row: row["time"].replace(hour=0)):
        yield _day(day, sorted(rows_of_day, key=lambda row: row["time"]))


def _day(day: datetime, hours: Sequence[Row]) -> Row:
    """`hours` by rising time."""
    return {
        "time": day,
        "open": hours[0]["open"],
        "high": max(row["high"] for row in hours),
        "low": min(row["low"] for row in hours),
        "close": hours[-1]["close"],
        "volume_cspr": sum(row["volume_cspr"] for row in hours),
        "volume_usd": sum(row["volume_usd"] for row in hours),
    }
