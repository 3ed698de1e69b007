"""Buttons that turn the pages of a table."""

import reflex as rx

from casper_dash.components.browser import BrowserVar, Handler


def turn(label: str, on_click: Handler, *, off: BrowserVar) -> rx.Component:
    """To the rows before or behind; `off` where there are none."""
    return rx.el.button(label, type="button", class_name="button", on_click=on_click, disabled=off)
