"""Forms in dialogs that ask before something is done: what it means, why, and its name."""

import reflex as rx

from casper_dash.components.browser import BrowserVar, Handler
from casper_dash.components.forms import field

_LONGEST = 500


def reason_form(
    *about: rx.Component, verb: BrowserVar, on_submit: Handler, on_cancel: Handler
) -> rx.Component:
    """Asks for the reason; `verb` names the deed and its object."""
    why = field("reason", "Reason", max_length=_LONGEST, auto_focus=True)
    return asking_form(*about, why, verb=verb, on_submit=on_submit, on_cancel=on_cancel)


def asking_form(
    *content: rx.Component, verb: BrowserVar, on_submit: Handler, on_cancel: Handler
) -> rx.Component:
    """Asks for what its fields say."""
    return rx.el.form(
        *content,
        rx.el.div(
            rx.el.button(verb, type="submit", class_name="button button-main"),
            rx.el.button(
                "Leave it as it is", type="button", class_name="button", on_click=on_cancel
            ),
            class_name="row",
        ),
        on_submit=on_submit,
        class_name="form",
    )
