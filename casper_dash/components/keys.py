"""Single keys for a page's controls: which there are, and the switch that turns them off."""

import reflex as rx
from reflex.components.component import Component

from casper_dash.components.browser import library


class Keys(Component):
    """The switch; while it is on, a key presses the control that carries it."""

    library = library("keys")
    tag = "Keys"

    label: rx.Var[str]


def keys(*listed: tuple[str, str]) -> rx.Component:
    """`listed`: each key and what it does. See `js/keys.js` for how a control gets one."""
    return rx.el.div(
        Keys.create(label="Keyboard shortcuts"),
        rx.el.span(*(_key(key, does) for key, does in listed), class_name="row quiet"),
        class_name="row",
    )


def _key(key: str, does: str) -> rx.Component:
    return rx.el.span(rx.el.kbd(key), f" {does}")
