"""Overview's chart over eras: which figures and how many eras stand in the address."""

import reflex as rx

from casper_dash.components.api import resource
from casper_dash.components.charts import Series, era_chart
from casper_dash.components.filters import Filter
from casper_dash.components.network import era_pace_ms, newest_era
from casper_dash.components.panels import panel
from casper_dash.components.rows import Eras
from casper_dash.components.states import empty, loaded, sandbox_tag, skeleton, stale_tag

_SERIES = {
    "supply": [
        Series("circulating_unlocks", "Validator unlocks", "unlocks", "area"),
        Series("circulating_rewards", "Released rewards", "rewards", "area"),
        Series("circulating_transfers", "Approved transfers", "transfers", "area"),
        Series("total_supply", "Total supply", "total", "line"),
    ],
    "stake": [
        Series("staked", "Staked", "transfers", "bar"),
        Series("unstaked", "Unstaked", "unlocks", "bar", down=True),
    ],
    "activity": [
        Series("transfers", "Transfers", "transfers", "bar", unit="count"),
        Series("deploys", "Deploys", "rewards", "bar", unit="count"),
    ],
}
_FIELDS = ["id", "complete", "start_block", "end_block", "start", "end"]
_SHOWN = sorted({one.field for series in _SERIES.values() for one in series})

_figures = Filter(
    "chart",
    "Figures",
    {"supply": "Supply", "stake": "Stake", "activity": "Activity"},
    default="supply",
)
_range = Filter(
    "eras",
    "Range",
    {"24": "24 eras", "84": "84 eras", "360": "360 eras", "1000": "1 000 eras"},
    default="84",
)
_source = rx.Var.create(
    f"/api/v1/eras?limit={_range.value}&fields={','.join(_FIELDS + _SHOWN)}"
).to(str)
_eras = resource("history", _source, Eras, every_ms=era_pace_ms, version=newest_era)


def history() -> rx.Component:
    """The chart with its two filters."""
    return panel(
        loaded(
            _eras,
            rx.cond(_eras.data.data.length() > 0, _chart(), _no_eras()),
            skeleton=skeleton("size-chart"),
            what="The chart",
        ),
        title=_title(),
        tools=(sandbox_tag(), stale_tag(_eras), _figures.links(), _range.links()),
        name="eras",
    )


def _title() -> rx.Component:
    return rx.match(
        _figures.value,
        ("stake", "Staked and unstaked by era, CSPR"),
        ("activity", "Transfers and deploys by era"),
        "Supply by era, CSPR",
    )


def _chart() -> rx.Component:
    charts = [
        (name, era_chart(_eras.data.data, series, source=_source))
        for name, series in _SERIES.items()
    ]
    return rx.match(_figures.value, *charts, charts[0][1])


def _no_eras() -> rx.Component:
    return empty("No era is held yet.", then="The chart starts with the first complete era.")
