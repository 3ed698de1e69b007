"""The fields of the review page's filter, and its views that have a name."""

from typing import get_args

import reflex as rx

from casper_dash.admin.review_filter import VIEWS
from casper_dash.admin.review_state import ReviewState
from casper_dash.components.browser import BrowserVar
from casper_dash.components.forms import field
from casper_dash.decisions.selection import Status

_HOPS = ("1", "2", "3")


def views() -> rx.Component:
    """One button a view."""
    return rx.el.div(
        *(_view(name) for name in VIEWS), class_name="segmented", role="group", aria_label="Views"
    )


def _view(name: str) -> rx.Component:
    return rx.el.button(
        name,
        type="button",
        on_click=ReviewState.show_view(name),
        aria_pressed=rx.cond(ReviewState.view == name, "true", "false"),
    )


def filter_form() -> rx.Component:
    """Every field; they show what holds now, whatever view it came from."""
    typed: BrowserVar = ReviewState.fields
    statuses = [(status, status.capitalize()) for status in get_args(Status)]
    vaults = rx.foreach(ReviewState.vaults, lambda one: rx.el.option(one[1], value=one[0]))
    return rx.el.form(
        _choice("status", "Status", typed.status, *_options(statuses)),
        _choice("vault", "From vault", typed.vault, vaults),
        _choice("depth", "Hop", typed.depth, *_options([(hop, hop) for hop in _HOPS])),
        _text("min_cspr", "At least, CSPR", typed.min_cspr),
        _text("max_cspr", "At most, CSPR", typed.max_cspr),
        _text("from_era", "From era", typed.from_era),
        _text("to_era", "To era", typed.to_era),
        _text("account", "Account", typed.account),
        _choice(
            *("direction", "Direction", typed.direction),
            *_options([("in", "received"), ("out", "sent")]),
        ),
        _text("label", "Label", typed.label),
        rx.el.button("Show these", type="submit", class_name="button"),
        on_submit=ReviewState.narrow,
        class_name="form review-filter",
        # fields are the browser's own once they are there: a new filter makes them anew
        key=typed.to_string(),
    )


def _text(name: str, label: str, value: BrowserVar) -> rx.Component:
    return field(
        name, label, id=f"filter-{name}", required=False, default_value=value, max_length=100
    )


def _choice(name: str, label: str, value: BrowserVar, *options: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"filter-{name}"),
        rx.el.select(
            rx.el.option("any", value=""),
            *options,
            name=name,
            id=f"filter-{name}",
            default_value=value,
            class_name="input",
        ),
        class_name="field",
    )


def _options(pairs: list[tuple[str, str]]) -> list[rx.Component]:
    return [rx.el.option(label, value=value) for value, label in pairs]
