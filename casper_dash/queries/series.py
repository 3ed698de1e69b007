"""Points of a metric for charts, one an era, reduced in the database so that peaks survive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import ge, itemgetter, le
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, or_, select
from sqlmodel import Session

from casper_dash.queries.paging import Row, given, rows
from casper_dash.queries.published import supply_of
from casper_dash.queries.sql_time import nearest_hour, seconds_between
from crawler.models.feeds import PRICE, Price
from crawler.models.figures import ERA, ERA_SUPPLY, Era, EraSupply
from crawler.models.table import table_of

_ERAS = table_of(Era)
_SUPPLIES = _ERAS.join(table_of(EraSupply), supply_of(ERA.id))
_PRICES = _ERAS.join(table_of(Price), PRICE.hour == nearest_hour(ERA.end))


@dataclass(frozen=True)
class Metric:
    """A value of complete eras: `compute` makes it of `columns`, `height` has the same order."""

    unit: str
    source: FromClause
    columns: Mapping[str, ColumnElement[Any]]
    height: ColumnElement[Any]
    compute: Callable[[Row], Any] = itemgetter("value")


@dataclass(frozen=True)
class SeriesFilter:
    """Eras from and to which (inclusive), and how many points at most."""

    metric: str
    from_id: int | None = None
    to_id: int | None = None
    points: int = 1000


@dataclass(frozen=True)
class Point:
    """The value of one era, at its end."""

    era_id: int
    timestamp: datetime
    value: Any


def series(session: Session, wanted: SeriesFilter) -> list[Point]:
    """Points by rising era: of more eras than points, the lowest and the highest of each stretch.

    Reads the eras' part of the key; the first and the last era are always among the points.
    """
    metric = METRICS[wanted.metric]
    first, last = _span(session, wanted)
    if first is None or last is None:
        return []
    # two of each stretch, and the two ends
    stretch = -(-(last - first + 1) // max((wanted.points - 2) // 2, 1))
    width = 1 if last - first < wanted.points else stretch
    found = rows(session, _extremes(metric, first, last, width))
    return [Point(row["era_id"], row["timestamp"], metric.compute(row)) for row in found]


def _span(session: Session, wanted: SeriesFilter) -> tuple[int | None, int | None]:
    """The first and last complete era that are wanted."""
    conditions = given((ge, ERA.id, wanted.from_id), (le, ERA.id, wanted.to_id))
    statement = select(func.min(ERA.id), func.max(ERA.id)).where(ERA.complete, *conditions)
    first, last = session.execute(statement).one()
    return first, last


def _extremes(metric: Metric, first: int, last: int, width: int) -> Select[Any]:
    values = (
        select(
            ERA.id.label("era_id"),
            ERA.end.label("timestamp"),
            metric.height.label("height"),
            *(column.label(name) for name, column in metric.columns.items()),
        )
        .select_from(metric.source)
        .where(ERA.complete, ERA.id.between(first, last), metric.height.is_not(None))
        .subquery()
    )
    stretch = (values.c.era_id - first) // width
    lowest = func.row_number().over(
        partition_by=stretch, order_by=[values.c.height, values.c.era_id]
    )
    highest = func.row_number().over(
        partition_by=stretch, order_by=[values.c.height.desc(), values.c.era_id]
    )
    ranked = select(values, lowest.label("lowest"), highest.label("highest")).subquery()
    kept = or_(ranked.c.lowest == 1, ranked.c.highest == 1, ranked.c.era_id.in_((first, last)))
    read = (ranked.c[name] for name in ("era_id", "timestamp", *metric.columns))
    return select(*read).where(kept).order_by(ranked.c.era_id)


def _of(unit: str, column: ColumnElement[Any], source: FromClause = _ERAS) -> Metric:
    return Metric(unit, source, {"value": column}, column)


def _circulating() -> Metric:
    parts = {name: ERA_SUPPLY[name] for name in ("transfers", "unlocks", "rewards")}
    # SQLite adds them as floats: near enough for an order, not for a value
    height = ERA_SUPPLY.transfers + ERA_SUPPLY.unlocks + ERA_SUPPLY.rewards
    return Metric("motes", _SUPPLIES, parts, height, lambda row: sum(row[name] for name in parts))


def _block_time() -> Metric:
    columns = {"start": ERA.start, "blocks": ERA.blocks}
    gaps = func.nullif(ERA.blocks - 1, 0)

    def compute(row: Row) -> float:
        seconds: float = (row["timestamp"] - row["start"]).total_seconds()
        return round(seconds / int(row["blocks"] - 1), 3)

    return Metric("s", _ERAS, columns, seconds_between(ERA.start, ERA.end) / gaps, compute)


METRICS: dict[str, Metric] = {
    "total_supply": _of("motes", ERA.total_supply),
    "circulating_supply": _circulating(),
    "circulating_transfers": _of("motes", ERA_SUPPLY.transfers, _SUPPLIES),
    "circulating_unlocks": _of("motes", ERA_SUPPLY.unlocks, _SUPPLIES),
    "circulating_rewards": _of("motes", ERA_SUPPLY.rewards, _SUPPLIES),
    "staked": _of("motes", ERA.staked),
    "unstaked": _of("motes", ERA.unstaked),
    "weight": _of("motes", ERA.weight),
    "validators": _of("count", ERA.validators),
    "delegators": _of("count", ERA.delegators),
    "validators_rewards": _of("motes", ERA.validators_rewards),
    "delegators_rewards": _of("motes", ERA.delegators_rewards),
    "transfers": _of("count", ERA.transfers),
    "transfer_volume": _of("motes", ERA.transfer_volume),
    "deploys": _of("count", ERA.deploys),
    "block_time": _block_time(),
    "price": _of("USD", PRICE.close, _PRICES),
}
