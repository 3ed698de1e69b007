"""The page of the unlock schedule: published against draft, and a file on its way to be one."""

import reflex as rx

from casper_dash.admin.csv_paste import faulty_lines, paste_form
from casper_dash.admin.frame import for_editors, frame
from casper_dash.admin.reasons import reason_form
from casper_dash.admin.tables import table
from casper_dash.admin.turning import turn
from casper_dash.admin.unlocks_rows import DifferenceRow, StepRow
from casper_dash.admin.unlocks_state import REFRESH, UnlocksState
from casper_dash.components.amounts import cspr
from casper_dash.components.browser import BrowserVar, Handler
from casper_dash.components.dialogs import modal
from casper_dash.components.panels import panel
from casper_dash.components.states import empty, skeleton, tag
from casper_dash.components.times import ago, utc
from casper_dash.decisions.schedule_csv import MOST_CHARACTERS

__all__ = ["REFRESH", "page"]

_DEEDS = {
    "save": ("Save the file as the draft", "It becomes the draft; readers see nothing of it yet."),
    "stage": ("Stage the schedule", "It goes into the next proposal, with the staged decisions."),
    "unstage": ("Unstage the schedule", "It stays a draft, and goes into no proposal."),
    "discard": ("Discard the draft", "Nobody works on it any more; what was saved is kept."),
}


def page() -> rx.Component:
    """Unlocks."""
    return frame(
        rx.cond(
            UnlocksState.loaded,
            rx.fragment(
                _draft(),
                for_editors(rx.cond(UnlocksState.editing, _form())),
                _steps(),
                _asking(),
            ),
            skeleton("size-panel-m"),
        ),
        title="Unlocks",
        here="/unlocks",
        refresh=REFRESH,
    )


def _draft() -> rx.Component:
    edit = rx.cond(UnlocksState.editing, rx.fragment(), _button("Edit as CSV …", UnlocksState.edit))
    return panel(
        rx.cond(
            UnlocksState.draft,
            _about_draft(),
            empty(
                "There is no draft.",
                then="Readers see what is published; edit it as CSV to make the next version.",
            ),
        ),
        title="Draft",
        name="draft",
        tools=(for_editors(rx.fragment(rx.cond(UnlocksState.draft, _deeds()), edit)),),
    )


def _about_draft() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.el.span("Schedule ", UnlocksState.draft, " ", class_name="strong"),
            rx.cond(
                UnlocksState.staged,
                tag("staged for the next publication", tone="info"),
                tag("not staged", tone="plain"),
            ),
        ),
        rx.cond(
            UnlocksState.made_by,
            rx.el.p(
                *("By ", UnlocksState.made_by, ", ", ago(UnlocksState.made_at), ": "),
                UnlocksState.made_why,
                class_name="wide-text",
            ),
        ),
        _differences(UnlocksState.changes, "Changes to what is published"),
        class_name="stack-tight",
    )


def _deeds() -> rx.Component:
    return rx.fragment(
        rx.cond(
            UnlocksState.staged,
            _button("Unstage", UnlocksState.ask("unstage")),
            _button("Stage", UnlocksState.ask("stage")),
        ),
        _button("Discard", UnlocksState.ask("discard")),
    )


def _button(label: str, on_click: Handler) -> rx.Component:
    return rx.el.button(label, type="button", class_name="button", on_click=on_click)


def _differences(rows: BrowserVar, label: str) -> rx.Component:
    return rx.cond(
        rows,
        table(
            *("Date, UTC", "Published, CSPR>", "Then, CSPR>", "Moves by>"),
            rows=rx.foreach(rows, _difference),
            label=label,
        ),
        rx.el.p("It is the same as what is published.", class_name="quiet"),
    )


def _difference(row: DifferenceRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(utc(row.date), scope="row"),
        rx.el.td(cspr(row.before, decimals=2), class_name="right"),
        rx.el.td(cspr(row.after, decimals=2), class_name="right"),
        rx.el.td(row.what, class_name="right number"),
    )


def _form() -> rx.Component:
    return panel(
        paste_form(
            "Steps",
            "Columns: date (ISO 8601, UTC), amount_motes or amount_cspr, and note if any. "
            "Paste a whole file, or change lines.",
            longest=MOST_CHARACTERS,
            on_submit=UnlocksState.look_at,
            on_cancel=UnlocksState.leave,
            text=UnlocksState.text,
        ),
        faulty_lines(UnlocksState.errors),
        rx.cond(UnlocksState.looked, _preview()),
        title="Edit as CSV",
        name="edit",
    )


def _preview() -> rx.Component:
    return rx.el.div(
        _sum(UnlocksState.preview_sum),
        _differences(UnlocksState.preview, "What the file would change"),
        rx.el.div(_button("Save as the draft …", UnlocksState.ask("save")), class_name="row"),
        class_name="stack-tight inset",
    )


def _sum(found: BrowserVar) -> rx.Component:
    return rx.el.p(
        rx.match(
            found.state,
            ("exact", tag("sum", tone="ok")),
            ("short", tag("sum", tone="warn")),
            tag("sum", tone="error"),
        ),
        " ",
        found.words,
    )


def _steps() -> rx.Component:
    return panel(
        _sum(UnlocksState.sum),
        rx.cond(
            UnlocksState.steps,
            table(
                "Date, UTC",
                "Days from genesis>",
                "Unlocks, CSPR>",
                "Locked after>",
                "Unlocked after>",
                "Note",
                rows=rx.foreach(UnlocksState.steps, _step),
                label="Steps",
            ),
            empty("This version has no step.", then="All stays locked under it."),
        ),
        rx.el.div(
            turn("Earlier steps", UnlocksState.turn(False), off=UnlocksState.first == 0),
            turn("Later steps", UnlocksState.turn(True), off=~UnlocksState.more),
            class_name="row",
        ),
        title="Steps",
        name="steps",
        tools=(_versions(),),
    )


def _versions() -> rx.Component:
    return rx.el.div(
        _version("published", f"Published {UnlocksState.published}"),
        rx.cond(UnlocksState.draft, _version("draft", f"Draft {UnlocksState.draft}")),
        class_name="segmented",
        role="group",
        aria_label="Version",
    )


def _version(name: str, label: BrowserVar) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        on_click=UnlocksState.show_version(name),
        aria_pressed=rx.cond(UnlocksState.showing == name, "true", "false"),
    )


def _step(row: StepRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(utc(row.date), scope="row"),
        rx.el.td(row.day, class_name="right number"),
        rx.el.td(cspr(row.amount, decimals=2), class_name="right"),
        rx.el.td(cspr(row.locked, decimals=2), class_name="right"),
        rx.el.td(cspr(row.unlocked, decimals=2), class_name="right"),
        rx.el.td(row.note, class_name="wide-text"),
    )


def _asking() -> rx.Component:
    forms = [(what, _ask(rx.el.p(effect), verb)) for what, (verb, effect) in _DEEDS.items()]
    labels = [(what, verb) for what, (verb, _) in _DEEDS.items()]
    return modal(
        rx.match(UnlocksState.asking, *forms, rx.fragment()),
        shown=UnlocksState.asking != "",
        label=rx.match(UnlocksState.asking, *labels, ""),
        on_close=UnlocksState.ask(""),
    )


def _ask(about: rx.Component, verb: str) -> rx.Component:
    return reason_form(about, verb=verb, on_submit=UnlocksState.do, on_cancel=UnlocksState.ask(""))
