"""Modal dialogs: the browser's own, so that focus stays inside and Escape closes."""

import reflex as rx
from reflex.components.component import Component
from reflex.event import no_args_event_spec

from casper_dash.components.browser import BrowserVar, Handler, library


class Modal(Component):
    """Shown while `open`; `on_close` is to make that false.

    The first field gets the focus, or what has `data-focus`.
    """

    library = library("dialog")
    tag = "Modal"

    open: rx.Var[bool]
    label: rx.Var[str]
    on_close: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg,valid-type]


def modal(
    *content: rx.Component, shown: BrowserVar, label: str, on_close: Handler, class_name: str = ""
) -> rx.Component:
    """A dialog in the middle of the screen; the class "drawer" puts it to the right."""
    return Modal.create(
        *content, open=shown, label=label, on_close=on_close, class_name=f"dialog {class_name}"
    )
