"""/api/v1/series/{metric}"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from casper_dash.api.caching import GROWING, SETTLED
from casper_dash.api.kinds import (
    DECIMAL,
    TEXT,
    TIME,
    WHOLE,
    Field,
    choice,
    format_decimal,
    format_time,
    whole,
)
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Resource
from casper_dash.queries.eras import settled_era
from casper_dash.queries.series import METRICS, Point, SeriesFilter, series

_POINTS = replace(
    TEXT,
    schema={
        "type": "array",
        "items": {
            "type": "array",
            "items": {"anyOf": [WHOLE.schema, TIME.schema, DECIMAL.schema, {"type": "number"}]},
            "minItems": 3,
            "maxItems": 3,
        },
    },
)


def _find(session: Session, wanted: SeriesFilter, _now: datetime) -> Found:
    settled = wanted.to_id is not None and wanted.to_id <= settled_era(session)
    metric = METRICS[wanted.metric]
    row = {
        "metric": wanted.metric,
        "unit": metric.unit,
        "points": [_point(point, metric.unit) for point in series(session, wanted)],
    }
    # an hour's price may still be learnt
    return Found(row, SETTLED if settled and metric.unit != "USD" else GROWING)


def _point(point: Point, unit: str) -> list[Any]:
    value = str(point.value) if unit == "motes" else point.value
    if isinstance(value, Decimal):
        value = format_decimal(value)
    return [point.era_id, format_time(point.timestamp), value]


SERIES = Resource(
    name="series",
    path="/api/v1/series",
    description="A metric over eras, for a chart.",
    fields=(
        Field("metric", choice(*METRICS), "The metric."),
        Field("unit", choice("motes", "count", "s", "USD"), "What its values are."),
        Field(
            "points",
            _POINTS,
            "Era, its end, and the value (motes and USD as strings), by rising era. Eras in which"
            " it is not known are left out.",
        ),
    ),
    item=Item(
        summary="Points of a metric, one a complete era, thinned out without losing peaks",
        find=_find,
        parameter=Parameter("metric", choice(*METRICS), "The metric."),
        parameters=(
            Parameter("from", WHOLE, "From this era on.", argument="from_id"),
            Parameter("to", WHOLE, "Up to this era.", argument="to_id"),
            Parameter(
                "points",
                whole(4, 2000),
                "At most so many: of more eras, the lowest and the highest of each stretch.",
                default="1000",
            ),
        ),
        wanted=SeriesFilter,
    ),
)
