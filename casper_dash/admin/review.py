"""Review: which transfers count into circulation, decided one by one or as all that match."""

import reflex as rx

from casper_dash.admin.frame import for_editors, frame
from casper_dash.admin.review_dialog import decision_dialog, sides, status_tag
from casper_dash.admin.review_drawer import DrawerState, drawer
from casper_dash.admin.review_fields import filter_form, views
from casper_dash.admin.review_rows import StepRow, TransferRow
from casper_dash.admin.review_state import ReviewState
from casper_dash.admin.tables import small_button, table
from casper_dash.components.amounts import cspr, integer
from casper_dash.components.browser import BrowserVar, Handler
from casper_dash.components.icons import icon
from casper_dash.components.keys import keys
from casper_dash.components.panels import panel
from casper_dash.components.states import empty, skeleton
from casper_dash.components.times import ago, utc

_picks: BrowserVar = ReviewState.picked
_KEYS = (
    *(("j", "down"), ("k", "up"), ("x", "pick"), ("⏎", "open"), ("a", "approve")),
    *(("r", "reject"), ("d", "defer"), ("z", "undo")),
)

REFRESH = ReviewState.refresh


def page() -> rx.Component:
    """Review."""
    return frame(
        panel(views(), filter_form(), title="Which transfers", name="filter"),
        _clash(),
        panel(
            for_editors(_bar()),
            rx.cond(ReviewState.loaded, _list(), skeleton("size-panel-m")),
            title="Transfers",
            name="transfers",
            tools=(_count(), _orders()),
        ),
        panel(_steps(), title="Steps of all curators", name="steps"),
        for_editors(decision_dialog()),
        drawer(),
        title="Review",
        here="/review",
        refresh=REFRESH,
    )


def _count() -> rx.Component:
    total = cspr(ReviewState.matching_amount)
    counted = rx.fragment(integer(ReviewState.matching), " match · ", total, " CSPR")
    return rx.el.span(rx.cond(ReviewState.counting, "counting …", counted))


def _orders() -> rx.Component:
    return rx.el.div(
        *(_order(name, label) for name, label in (("height", "Newest"), ("amount", "Biggest"))),
        class_name="segmented",
        role="group",
        aria_label="Order",
    )


def _order(name: str, label: str) -> rx.Component:
    pressed = rx.cond(ReviewState.sort == name, "true", "false")
    return rx.el.button(
        label, type="button", on_click=ReviewState.sort_by(name), aria_pressed=pressed
    )


def _bar() -> rx.Component:
    chosen = ReviewState.every | (_picks.length() > 0)
    return rx.el.div(
        rx.el.div(
            _picked(),
            rx.cond(
                chosen,
                rx.el.button(
                    "Pick none", type="button", class_name="button", on_click=ReviewState.pick_none
                ),
            ),
            rx.cond(
                ~ReviewState.every & ~ReviewState.counting & (ReviewState.matching > 0),
                rx.el.button(
                    "Select all ",
                    integer(ReviewState.matching),
                    " matching",
                    type="button",
                    class_name="button",
                    on_click=ReviewState.pick_every,
                ),
            ),
            class_name="row",
        ),
        rx.el.div(
            _press("Approve", "a", ReviewState.ask("approve"), disabled=~chosen),
            _press("Reject", "r", ReviewState.ask("reject"), disabled=~chosen),
            _press("Defer", "d", ReviewState.ask("defer"), disabled=~chosen),
            _press("Withdraw", "", ReviewState.ask("withdraw"), disabled=~chosen),
            rx.cond(
                ReviewState.undoable > 0,
                _press(
                    rx.fragment("Undo step ", ReviewState.undoable),
                    "z",
                    ReviewState.undo(ReviewState.undoable),
                ),
            ),
            class_name="row",
        ),
        keys(*_KEYS),
        class_name="stack-tight inset review-bar",
        role="group",
        aria_label="Decide",
    )


def _picked() -> rx.Component:
    every = rx.fragment(
        rx.el.strong("All ", integer(ReviewState.matching), " matching"),
        " · ",
        cspr(ReviewState.matching_amount),
        " CSPR",
    )
    some = rx.fragment(
        rx.el.strong(integer(_picks.length()), " picked"),
        " · ",
        cspr(ReviewState.picked_amount),
        " CSPR",
    )
    return rx.el.p(
        rx.cond(ReviewState.every, every, some), id="picked", role="status", aria_live="polite"
    )


def _press(
    label: str | rx.Component, key: str, on_click: Handler, **more: BrowserVar
) -> rx.Component:
    keyed = {"data-key": key, "aria-keyshortcuts": key} if key else {}
    hint = rx.el.kbd(key, aria_hidden="true") if key else rx.fragment()
    return rx.el.button(
        label,
        hint,
        type="button",
        class_name="button",
        on_click=on_click,
        custom_attrs=keyed,
        **more,
    )


def _clash() -> rx.Component:
    said = rx.el.div(
        icon("alert"),
        rx.el.div(
            rx.el.strong(ReviewState.clash.words),
            rx.el.details(
                rx.el.summary("See what changed"),
                rx.el.ul(rx.foreach(ReviewState.clash.changes, rx.el.li)),
            ),
            class_name="grow",
        ),
        for_editors(
            rx.el.button(
                "Keep mine", type="button", class_name="button", on_click=ReviewState.keep_mine
            )
        ),
        class_name="said said-warn",
        id="clash",
    )
    return rx.el.div(rx.cond(ReviewState.clash.words, said), role="status", aria_live="polite")


def _list() -> rx.Component:
    heads = ("Era>", "Time, UTC", "From → to", "CSPR>", "Hop>", "Status", "Decided by", "Reason")
    rows = rx.foreach(ReviewState.rows, _row)
    return rx.cond(
        ReviewState.rows,
        rx.fragment(
            table("Pick", *heads, "", rows=rows, label="Transfers", class_name="review-table"),
            _pages(),
        ),
        empty("No transfer matches.", then="Widen the filter, or choose another view above."),
    )


def _row(row: TransferRow) -> rx.Component:
    return rx.el.tr(
        rx.el.td(_box(row)),
        rx.el.td(integer(row.era), class_name="number right"),
        rx.el.td(utc(row.at)),
        rx.el.td(sides(row)),
        rx.el.td(cspr(row.amount, decimals=2), class_name="number right"),
        rx.el.td(row.hop, class_name="number right"),
        rx.el.td(status_tag(row)),
        rx.el.td(row.by),
        rx.el.td(row.reason, class_name="wide-text"),
        rx.el.td(_open(row), class_name="actions"),
        key=row.key,
        custom_attrs={"data-row": row.key},
        class_name=rx.cond(_picks.contains(row.key), "picked", ""),
    )


def _box(row: TransferRow) -> rx.Component:
    box = rx.el.input(
        type="checkbox",
        checked=ReviewState.every | _picks.contains(row.key),
        disabled=ReviewState.every | row.frozen,
        on_change=ReviewState.pick(row.key),
        aria_label=f"Pick transfer {row.key}",
        custom_attrs={"data-focus": "", "data-row-key": "x"},
    )
    return for_editors(rx.el.label(box, class_name="check"))


def _open(row: TransferRow) -> rx.Component:
    talk = rx.cond(row.comments > 0, rx.fragment(" · ", row.comments, " said"))
    return rx.el.button(
        "Open",
        talk,
        type="button",
        class_name="button button-small",
        on_click=DrawerState.open_drawer(row.key),
        aria_label=f"Open: transfer {row.key}",
        custom_attrs={"data-row-key": "Enter", "data-focus": ""},
    )


def _pages() -> rx.Component:
    pick_page = rx.el.button(
        "Pick this page", type="button", class_name="button", on_click=ReviewState.pick_page
    )
    return rx.el.div(
        rx.el.button(
            "Previous",
            type="button",
            class_name="button",
            disabled=ReviewState.page_number == 1,
            on_click=ReviewState.turn(False),
        ),
        rx.el.span("Page ", integer(ReviewState.page_number)),
        rx.el.button(
            "Next",
            type="button",
            class_name="button",
            disabled=~ReviewState.more,
            on_click=ReviewState.turn(True),
        ),
        for_editors(pick_page),
        class_name="row",
    )


def _steps() -> rx.Component:
    rows = rx.foreach(ReviewState.steps, _step)
    return rx.cond(
        ReviewState.steps,
        table("Step>", "What", "Who", "When", "Reason", "", rows=rows, label="Steps"),
        empty("Nobody decided yet.", then="Each decision is a step here, and can be undone."),
    )


def _step(step: StepRow) -> rx.Component:
    undo = small_button("Undo", ReviewState.undo(step.number), of=f"step {step.number}")
    return rx.el.tr(
        rx.el.td(integer(step.number), class_name="number right"),
        rx.el.th(step.words, scope="row"),
        rx.el.td(step.by),
        rx.el.td(ago(step.at)),
        rx.el.td(step.reason, class_name="wide-text"),
        rx.el.td(for_editors(rx.cond(step.undoable, undo)), class_name="actions"),
    )
