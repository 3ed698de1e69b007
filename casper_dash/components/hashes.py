"""Hashes and public keys: first and last six characters, the whole one a click away."""

import reflex as rx

from casper_dash.components.browser import BrowserVar, call
from casper_dash.components.icons import icon


def short_hash(value: BrowserVar, *, what: str) -> rx.Component:
    """A shortened hash with a copy button; `what` names it for screen readers."""
    return rx.el.span(
        rx.el.code(call("format", "shortHash", value), title=value),
        rx.el.button(
            icon("copy"),
            type="button",
            class_name="copy",
            aria_label=f"Copy {what}",
            on_click=call("copy", "copier", value).to(rx.EventChain),
        ),
        class_name="hash",
    )
