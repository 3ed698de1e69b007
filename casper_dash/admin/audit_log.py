"""Audit: who did what, when, why, and what it changed."""

import reflex as rx

from casper_dash.admin.audit_log_rows import Change, EntryRow
from casper_dash.admin.audit_log_state import AuditState
from casper_dash.admin.frame import frame
from casper_dash.admin.state import AdminState
from casper_dash.admin.tables import table
from casper_dash.components.amounts import integer
from casper_dash.components.browser import BrowserVar, Handler
from casper_dash.components.forms import field
from casper_dash.components.icons import icon
from casper_dash.components.panels import panel
from casper_dash.components.states import empty, skeleton
from casper_dash.components.times import ago, utc

REFRESH = AuditState.refresh


def page() -> rx.Component:
    """Audit."""
    return frame(
        rx.cond(AdminState.can_administer, _chain()),
        _filter(),
        rx.cond(AuditState.loaded, _entries(), skeleton("size-panel-m")),
        title="Audit",
        here="/audit",
        refresh=REFRESH,
    )


def _chain() -> rx.Component:
    checked = AuditState.checked
    whole = rx.el.p(
        icon("check"),
        rx.el.span(
            "Chain whole: entries 1 to ",
            integer(checked.count),
            " are as they were written. Verified ",
            ago(checked.at),
            ".",
        ),
        class_name="said",
    )
    broken = rx.el.p(
        icon("alert"),
        rx.el.span(
            "The chain is broken after entry ",
            integer(checked.count),
            ": ",
            checked.fault,
            ". Somebody changed the database behind the panel: compare with an earlier export.",
        ),
        class_name="said said-error",
    )
    return rx.el.div(
        rx.cond(
            checked.at,
            rx.cond(checked.fault, broken, whole),
            rx.el.p(icon("sync"), "The chain is being verified …", class_name="said said-warn"),
        ),
        id="chain",
        role="status",
    )


def _filter() -> rx.Component:
    only_whole = rx.fragment(
        field("address", "IP address", required=False, max_length=45),
        field("text", "Text anywhere", required=False),
    )
    return panel(
        rx.el.form(
            _choice(
                "actor",
                "Who",
                rx.foreach(AuditState.people, lambda one: rx.el.option(one[1], value=one[0])),
            ),
            _choice(
                "action",
                "Action",
                rx.foreach(AuditState.actions, lambda one: rx.el.option(one, value=one)),
            ),
            field("object", "Object begins with", required=False, max_length=200),
            field("since", "From (UTC)", required=False, type="datetime-local"),
            field("until", "Until (UTC)", required=False, type="datetime-local"),
            rx.cond(AdminState.can_administer, only_whole),
            rx.el.button("Show these", type="submit", class_name="button button-main"),
            rx.el.button("Show all", type="reset", class_name="button", on_click=AuditState.clear),
            on_submit=AuditState.narrow,
            class_name="form form-row",
        ),
        title="Filter",
        name="filter",
    )


def _choice(name: str, label: str, options: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.select(
            rx.el.option("anything" if name == "action" else "anybody", value=""),
            options,
            id=name,
            name=name,
            class_name="input",
        ),
        class_name="field",
    )


def _entries() -> rx.Component:
    exports = rx.fragment(
        _button("CSV", AuditState.export("csv")), _button("JSON", AuditState.export("json"))
    )
    rows = rx.fragment(
        table(
            "Entry>",
            "When",
            "Who",
            "What",
            "Reason",
            "Changes",
            rows=rx.foreach(AuditState.rows, _row),
            label="Entries",
        ),
        rx.el.div(
            rx.cond(AuditState.older, _button("Newest", AuditState.page_newest)),
            rx.cond(AuditState.more, _button("Older", AuditState.page_back)),
            class_name="row",
        ),
    )
    none = rx.cond(
        AuditState.filtered,
        empty("No entry matches.", then="Leave a field of the filter empty, or show all."),
        empty("Nobody has changed anything yet.", then="What people do here is listed."),
    )
    return panel(
        rx.cond(AuditState.rows, rows, none),
        title="Entries, newest first",
        name="entries",
        tools=(rx.cond(AdminState.can_administer, exports),),
    )


def _button(label: str, on_click: Handler) -> rx.Component:
    return rx.el.button(label, type="button", class_name="button", on_click=on_click)


def _row(row: EntryRow) -> rx.Component:
    return rx.el.tr(
        rx.el.td(integer(row.number), class_name="number right", title=row.digest),
        rx.el.td(utc(row.at)),
        rx.el.td(row.who, rx.cond(row.address, rx.el.p(row.address, class_name="quiet number"))),
        rx.el.td(
            rx.el.span(row.action, class_name="strong"),
            rx.el.p(row.object, class_name="quiet"),
            class_name="wide-text",
        ),
        rx.el.td(row.reason, class_name="wide-text"),
        rx.el.td(
            rx.cond(row.changes, rx.el.dl(rx.foreach(row.changes, _change), class_name="changes")),
            rx.cond(
                row.more, rx.el.p("and ", row.more, " more, see the export", class_name="quiet")
            ),
            class_name="wide-text",
        ),
    )


def _change(change: Change) -> rx.Component:
    return rx.el.div(
        rx.el.dt(change.name),
        rx.el.dd(
            rx.cond(change.before, rx.el.del_(change.before), _nothing("before")),
            " → ",
            rx.cond(change.after, rx.el.ins(change.after), _nothing("after")),
        ),
    )


def _nothing(when: str) -> BrowserVar:
    return rx.el.span("–", title=f"nothing {when}")
