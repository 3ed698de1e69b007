"""The dialog before a decision: how many, how much, which eras, what it moves, and why."""

import reflex as rx

from casper_dash.admin.review_rows import TransferRow
from casper_dash.admin.review_state import ReviewState
from casper_dash.admin.tables import table
from casper_dash.components.amounts import cspr, integer, percent
from casper_dash.components.browser import BrowserVar
from casper_dash.components.dialogs import modal
from casper_dash.components.forms import field
from casper_dash.components.hashes import short_hash
from casper_dash.components.states import tag

_TONES = ("ok", "warn", "error", "info")


def status_tag(row: TransferRow) -> rx.Component:
    """What is staged, else what readers see."""
    return rx.match(
        row.tone,
        *((tone, tag(row.status, tone=tone)) for tone in _TONES),
        tag(row.status, tone="plain"),
    )


def sides(row: TransferRow) -> rx.Component:
    """From → to: names first, hashes second."""
    receiver = rx.cond(
        row.to_hash, _side(row.to_name, row.to_hash, "receiver"), rx.el.span("a purse")
    )
    return rx.el.span(
        _side(row.from_name, row.from_hash, "sender"), " → ", receiver, class_name="sides"
    )


def _side(name: str, account: str, what: str) -> rx.Component:
    return rx.el.span(
        rx.cond(name, rx.fragment(rx.el.strong(name), " ")), short_hash(account, what=what)
    )


def decision_dialog() -> rx.Component:
    """Shown while a decision waits for its reason."""
    asked: BrowserVar = ReviewState.asked
    return modal(
        rx.el.form(
            rx.el.h2(asked.verb),
            rx.el.p(
                rx.el.strong(integer(asked.transfers)),
                " transfers, together ",
                rx.el.strong(cspr(asked.amount), " CSPR"),
                ", ",
                asked.eras,
                ".",
            ),
            _effect(),
            _samples(),
            field("reason", "Reason", max_length=500, id="decision-reason"),
            rx.el.div(
                rx.el.button(asked.verb, type="submit", class_name="button button-main"),
                rx.el.button(
                    "Go back", type="button", class_name="button", on_click=ReviewState.give_up
                ),
                class_name="row",
            ),
            on_submit=ReviewState.decide,
            class_name="form",
        ),
        shown=asked.decision != "",
        label=asked.verb,
        on_close=ReviewState.give_up,
    )


def _effect() -> rx.Component:
    asked: BrowserVar = ReviewState.asked
    share = rx.cond(
        asked.circulating != "0",
        rx.fragment(" (", percent(asked.moves, asked.circulating), " of it)"),
    )
    moves = rx.el.p(
        "Once published, circulating supply moves by ",
        rx.el.strong(cspr(asked.moves), " CSPR"),
        share,
        ". Until then this is a draft, and can be undone.",
    )
    none = rx.el.p("Circulating supply does not move by this. It can be undone.")
    return rx.cond(asked.moves == "0", none, moves)


def _samples() -> rx.Component:
    rows = rx.foreach(ReviewState.asked.samples, _sample)
    return rx.el.details(
        rx.el.summary("The biggest of them"),
        table("Era>", "From → to", "CSPR>", "Status now", rows=rows, label="The biggest of them"),
    )


def _sample(row: TransferRow) -> rx.Component:
    return rx.el.tr(
        rx.el.td(integer(row.era), class_name="number right"),
        rx.el.td(sides(row)),
        rx.el.td(cspr(row.amount, decimals=2), class_name="number right"),
        rx.el.td(status_tag(row)),
    )
