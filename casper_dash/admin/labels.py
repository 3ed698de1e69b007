"""The page of labels: what accounts are called, and files of many labels."""

import reflex as rx

from casper_dash.admin.csv_paste import faulty_lines, paste_form
from casper_dash.admin.frame import for_editors, frame
from casper_dash.admin.labels_rows import ChangeRow, LabelRow, PastRow
from casper_dash.admin.labels_state import REFRESH, LabelsState
from casper_dash.admin.reasons import reason_form
from casper_dash.admin.tables import small_button, table
from casper_dash.admin.turning import turn
from casper_dash.components.browser import BrowserVar
from casper_dash.components.dialogs import modal
from casper_dash.components.forms import field
from casper_dash.components.hashes import short_hash
from casper_dash.components.panels import panel
from casper_dash.components.states import empty, skeleton, tag
from casper_dash.components.times import ago
from casper_dash.decisions.labels import KINDS
from casper_dash.decisions.labels_csv import MOST_CHARACTERS
from crawler.models.drafts import (
    LABEL_COMMENT_CHARACTERS,
    LABEL_NAME_CHARACTERS,
    LABEL_SOURCE_CHARACTERS,
)

__all__ = ["REFRESH", "page"]


def page() -> rx.Component:
    """Labels."""
    return frame(
        rx.cond(
            LabelsState.loaded,
            rx.fragment(
                _find(),
                for_editors(rx.cond(LabelsState.importing, _import())),
                _list(),
                _one(),
                _confirm(),
            ),
            skeleton("size-panel-m"),
        ),
        title="Labels",
        here="/labels",
        refresh=REFRESH,
    )


def _find() -> rx.Component:
    return panel(
        rx.el.form(
            field("account", "Public key or account hash", max_length=90),
            rx.el.button("Open its label", type="submit", class_name="button"),
            on_submit=LabelsState.find,
            class_name="form form-row",
        ),
        title="Find",
        name="find",
    )


def _list() -> rx.Component:
    start = rx.el.button(
        "Import CSV …", type="button", class_name="button", on_click=LabelsState.begin_import
    )
    return panel(
        rx.cond(
            LabelsState.rows,
            table(
                *("Account", "Name", "Type", "Source", "Comment", "Readers", ""),
                rows=rx.foreach(LabelsState.rows, _row),
                label="Labels",
            ),
            empty("No account has a label.", then="Find an account above, or import a file."),
        ),
        rx.el.div(
            turn("First labels", LabelsState.turn(False), off=LabelsState.after == ""),
            turn("More labels", LabelsState.turn(True), off=~LabelsState.more),
            class_name="row",
        ),
        title="Labels",
        name="labels",
        tools=(for_editors(start),),
    )


def _row(row: LabelRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(short_hash(row.account_hash, what="the account hash"), scope="row"),
        rx.el.td(row.name),
        rx.el.td(row.kind),
        rx.el.td(row.source, class_name="wide-text"),
        rx.el.td(row.comment, class_name="wide-text"),
        rx.el.td(rx.cond(row.public, tag("see it", tone="ok"), tag("hidden", tone="plain"))),
        rx.el.td(
            small_button("Open …", LabelsState.choose(row.account_hash), of=row.account_hash),
            class_name="actions",
        ),
    )


def _one() -> rx.Component:
    row = LabelsState.chosen
    return modal(
        rx.el.div(
            rx.el.p(rx.el.code(row.account_hash), class_name="wide-text"),
            rx.cond(LabelsState.can_edit, _edit(row), _read(row)),
            rx.cond(
                LabelsState.past,
                table(
                    *("Version", "It said", "By", "When", "Why"),
                    rows=rx.foreach(LabelsState.past, _past),
                    label="History",
                ),
                rx.el.p("It was never edited here.", class_name="quiet"),
            ),
            class_name="stack",
        ),
        shown=row.account_hash != "",
        label="Label of an account",
        on_close=LabelsState.close,
    )


def _edit(row: BrowserVar) -> rx.Component:
    return reason_form(
        _text("name", "Name", row.name, LABEL_NAME_CHARACTERS),
        rx.el.div(
            rx.el.label("Type", html_for="kind"),
            rx.el.select(
                rx.el.option("none", value=""),
                *(rx.el.option(kind, value=kind) for kind in KINDS),
                id="kind",
                name="kind",
                default_value=row.kind,
                class_name="input",
            ),
            class_name="field",
        ),
        _text("source", "Source", row.source, LABEL_SOURCE_CHARACTERS),
        _text("comment", "Comment", row.comment, LABEL_COMMENT_CHARACTERS),
        rx.el.label(
            rx.el.input(type="checkbox", name="public", id="public", default_checked=row.public),
            "Readers see name and comment",
            class_name="check",
        ),
        verb="Save the label",
        on_submit=LabelsState.save,
        on_cancel=LabelsState.close,
    )


def _text(name: str, label: str, value: BrowserVar, longest: int) -> rx.Component:
    return field(name, label, default_value=value, max_length=longest, required=False)


def _read(row: BrowserVar) -> rx.Component:
    return rx.el.div(
        rx.el.p(row.name, " ", row.kind, class_name="strong"),
        rx.el.p(row.source, " ", row.comment),
        rx.el.button("Close", type="button", class_name="button", on_click=LabelsState.close),
        class_name="stack-tight",
    )


def _past(row: PastRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.version, scope="row"),
        rx.el.td(row.words, class_name="wide-text"),
        rx.el.td(row.by),
        rx.el.td(ago(row.at)),
        rx.el.td(row.reason, class_name="wide-text"),
    )


def _import() -> rx.Component:
    return panel(
        paste_form(
            "File",
            "Columns: account, and any of name, comment, type, source, public (yes or no).",
            longest=MOST_CHARACTERS,
            on_submit=LabelsState.look_at,
            on_cancel=LabelsState.close,
        ),
        faulty_lines(LabelsState.errors),
        rx.cond(LabelsState.looked, _preview()),
        title="Import CSV",
        name="import",
    )


def _preview() -> rx.Component:
    return rx.cond(
        LabelsState.change_count,
        rx.el.div(
            rx.el.p(LabelsState.change_count, " labels change.", class_name="strong"),
            table(
                *("Line", "Account", "Says now", "Would say"),
                rows=rx.foreach(LabelsState.changes, _change),
                label="What the file would change",
            ),
            rx.el.button(
                f"Import {LabelsState.change_count} labels …",
                type="button",
                class_name="button",
                on_click=LabelsState.confirm,
            ),
            class_name="stack-tight inset",
        ),
        rx.el.p("The file changes nothing.", class_name="quiet"),
    )


def _change(row: ChangeRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.line, scope="row"),
        rx.el.td(short_hash(row.account_hash, what="the account hash")),
        rx.el.td(row.before, class_name="wide-text"),
        rx.el.td(row.after, class_name="wide-text"),
    )


def _confirm() -> rx.Component:
    return modal(
        reason_form(
            rx.el.p("Readers see public names at once. Each label keeps its history."),
            verb=f"Import {LabelsState.change_count} labels",
            on_submit=LabelsState.import_file,
            on_cancel=LabelsState.close,
        ),
        shown=LabelsState.confirming,
        label="Import labels",
        on_close=LabelsState.close,
    )
