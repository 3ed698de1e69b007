"""Tables that several pages of the panel show."""

import reflex as rx

from casper_dash.admin.home_rows import ActivityRow, RunRow
from casper_dash.components.browser import BrowserVar, Handler
from casper_dash.components.states import tag
from casper_dash.components.times import ago


def table(*heads: str, rows: rx.Component, label: str, class_name: str = "") -> rx.Component:
    """A table that scrolls sideways where it does not fit; the keyboard reaches it then.

    A head that ends with ">" stands over numbers; the empty one over buttons.
    """
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*(_head(head) for head in heads))),
            rx.el.tbody(rows),
            class_name=class_name,
        ),
        class_name="table-scroll",
        role="group",
        aria_label=label,
        tab_index=0,
    )


def _head(text: str) -> rx.Component:
    if not text:
        return rx.el.th(rx.el.span("Actions", class_name="hidden"), scope="col")
    side = "right" if text.endswith(">") else ""
    return rx.el.th(text.rstrip(">"), scope="col", class_name=side)


def runs_table(runs: list[RunRow], *, label: str) -> rx.Component:
    """Runs of jobs, as they come."""
    return table(
        "Job",
        "State",
        "Started",
        "Took",
        "What came of it",
        rows=rx.foreach(runs, _run),
        label=label,
        class_name="runs",
    )


def _run(run: RunRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(run.name, scope="row"),
        rx.el.td(run_state(run)),
        rx.el.td(ago(run.started_at)),
        rx.el.td(run.took, class_name="number"),
        rx.el.td(run.text, class_name="wide-text"),
    )


def run_state(run: RunRow) -> rx.Component:
    """How the run ended, or how far it is."""
    return rx.match(
        run.state,
        ("running", tag(rx.cond(run.percent, f"running, {run.percent} %", "running"), tone="info")),
        ("failed", tag("failed", tone="error")),
        tag("done", tone="ok"),
    )


def activity_table(rows: list[ActivityRow]) -> rx.Component:
    """Entries of the audit log, as they come."""
    return table(
        "When",
        "Who",
        "What",
        rows=rx.foreach(rows, _entry),
        label="Recent activity",
    )


def _entry(row: ActivityRow) -> rx.Component:
    return rx.el.tr(
        rx.el.td(ago(row.at)),
        rx.el.td(row.who),
        rx.el.td(row.action, " · ", row.object, class_name="wide-text"),
    )


def small_button(label: str, on_click: Handler, *, of: BrowserVar) -> rx.Component:
    """A button in a row; `of` tells whose it is to who does not see the row."""
    return rx.el.button(
        label,
        type="button",
        class_name="button button-small",
        on_click=on_click,
        aria_label=f"{label}: {of}",
    )
