"""A file that is pasted as text, looked at, and only then kept: its form and its faulty lines."""

from dataclasses import dataclass

import reflex as rx

from casper_dash.admin.tables import table
from casper_dash.components.browser import BrowserVar, Handler


@dataclass(frozen=True)
class ErrorRow:
    """What is wrong in a line."""

    line: int = 0
    message: str = ""


def paste_form(  # noqa: PLR0913 (what differs between two files)
    label: str,
    about: str,
    *,
    longest: int,
    on_submit: Handler,
    on_cancel: Handler,
    text: BrowserVar | str = "",
) -> rx.Component:
    """Posts `file`. `about` says which columns there are; `text` stands in the field at first."""
    return rx.el.form(
        rx.el.div(
            rx.el.label(label, html_for="file"),
            rx.el.textarea(
                id="file",
                name="file",
                default_value=text,
                max_length=longest,
                rows="12",
                spell_check=False,
                class_name="input file-text",
                custom_attrs={"aria-describedby": "file-about"},
            ),
            rx.el.p(about, id="file-about", class_name="quiet"),
            class_name="field",
        ),
        rx.el.div(
            rx.el.button("Look at it", type="submit", class_name="button button-main"),
            rx.el.button(
                "Leave it as it is", type="button", class_name="button", on_click=on_cancel
            ),
            class_name="row",
        ),
        on_submit=on_submit,
        class_name="form",
    )


def faulty_lines(errors: BrowserVar) -> rx.Component:
    """A table of them; nothing where there is none."""
    return rx.cond(
        errors,
        table(
            *("Line", "What is wrong"),
            rows=rx.foreach(errors, _faulty),
            label="Lines that are wrong",
        ),
    )


def _faulty(row: BrowserVar) -> rx.Component:
    return rx.el.tr(rx.el.th(row.line, scope="row"), rx.el.td(row.message, class_name="wide-text"))
