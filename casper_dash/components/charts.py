"""Charts over eras: the drawing, one sentence, a table twin and the source, from one list."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

import reflex as rx

from casper_dash.components.amounts import cspr, integer
from casper_dash.components.api import api_link
from casper_dash.components.browser import BrowserVar, call, imports, library
from casper_dash.components.times import utc

Kind = Literal["area", "line", "bar"]
Unit = Literal["motes", "count"]


@dataclass(frozen=True)
class Series:
    """One field of the eras, drawn in the series colour `token`; `down` hangs it below zero."""

    field: str
    name: str
    token: str
    kind: Kind
    unit: Unit = "motes"
    down: bool = False


class Chart(rx.NoSSRComponent):
    """ECharts, loaded after the page; `option` is its plain JSON."""

    library = library("chart")
    tag = "Chart"
    option: BrowserVar
    label: rx.Var[str]

    def add_imports(self) -> rx.ImportDict:
        """ECharts itself, for the build only: `js/echarts.js` picks the parts."""
        return {
            name: tags for name, tags in imports("chart", self.tag).items() if name != self.library
        }


def era_chart(eras: BrowserVar, series: list[Series], *, source: rx.Var[str]) -> rx.Component:
    """`series` over `eras` (newest first, as the API gives them); `source` is their path."""
    rows = [dataclasses.asdict(one) for one in series]
    summary = call("era_option", "eraSummary", eras, rows)
    return rx.el.figure(
        rx.el.div(*(_legend(one) for one in series), class_name="legend", aria_hidden="true"),
        # The frame has the chart's size from the start; the drawing comes when ECharts is there.
        rx.el.div(
            Chart.create(option=call("era_option", "eraOption", eras, rows), label=summary),
            class_name="chart-frame",
        ),
        rx.el.figcaption(
            rx.el.span(summary, class_name="summary"),
            rx.el.span(
                "Complete eras, by their end in UTC. Hatched: missing or not known yet. Source: ",
                api_link("/api/v1/eras", source),
            ),
        ),
        _table_twin(eras, series),
        class_name="chart",
    )


def _legend(series: Series) -> rx.Component:
    return rx.el.span(
        rx.el.span(class_name=f"swatch swatch-{series.token}"),
        series.name,
    )


def _table_twin(eras: BrowserVar, series: list[Series]) -> rx.Component:
    return rx.el.details(
        rx.el.summary("View as table"),
        rx.el.div(
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th("Era", scope="col", class_name="right"),
                        rx.el.th("Ended", scope="col"),
                        *(_column(one) for one in series),
                    )
                ),
                rx.el.tbody(rx.foreach(eras, lambda era: _row(era, series))),
            ),
            class_name="table-scroll table-tall",
            tab_index=0,
            role="region",
            aria_label="The chart's values",
        ),
        class_name="twin",
    )


def _column(series: Series) -> rx.Component:
    unit = ", CSPR" if series.unit == "motes" else ""
    return rx.el.th(f"{series.name}{unit}", scope="col", class_name="right")


def _row(era: BrowserVar, series: list[Series]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(integer(era.id), scope="row", class_name="right"),
        rx.el.td(rx.cond(era.complete, utc(era.end), "running")),
        *(_cell(era[one.field], one.unit) for one in series),
        key=era.id,
    )


def _cell(value: BrowserVar, unit: Unit) -> rx.Component:
    number = cspr(value, decimals=2) if unit == "motes" else integer(value)
    return rx.el.td(number, class_name="right")
