"""What a browser sent, read with care, and forms that ask before something is done."""

from typing import Any

import reflex as rx

from casper_dash.admin.state import Mistake
from casper_dash.auth.roles import Role
from casper_dash.components.browser import BrowserVar, Handler
from casper_dash.components.forms import field

_REASON_LENGTH = 500


def text(form: Any, name: str, *, longest: int = 254) -> str:
    """A field, without blanks around it; "" where there is none. Raises Mistake if too long."""
    value = form.get(name) if isinstance(form, dict) else None
    found = value.strip() if isinstance(value, str) else ""
    if len(found) > longest:
        raise Mistake(f"{name.capitalize()} has at most {longest} characters.")
    return found


def reason(form: Any) -> str:
    """Why something is done. Raises Mistake where it is missing or too long."""
    found = text(form, "reason", longest=_REASON_LENGTH)
    if not found:
        raise Mistake("A reason is needed: it stands in the audit.")
    return found


def role(value: Any) -> Role:
    """The role of that name. Raises Mistake."""
    try:
        return Role(value)
    except ValueError:
        raise Mistake("There is no such role.") from None


def ask(
    *about: rx.Component, name: str, verb: BrowserVar, on_submit: Handler, on_cancel: Handler
) -> rx.Component:
    """Says what will happen, asks for the reason, and names the deed on its button."""
    return rx.el.form(
        *about,
        field("reason", "Reason", max_length=_REASON_LENGTH, id=f"{name}-reason", auto_focus=True),
        rx.el.div(
            rx.el.button(verb, type="submit", class_name="button button-main"),
            rx.el.button(
                "Leave it as it is", type="button", class_name="button", on_click=on_cancel
            ),
            class_name="row",
        ),
        on_submit=on_submit,
        class_name="form inset",
        id=name,
    )


def role_field(name: str, label: str, **control: object) -> rx.Component:
    """A choice of the three roles."""
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.select(
            *(rx.el.option(str(role), value=str(role)) for role in Role),
            id=name,
            name="role",
            class_name="input",
            **control,
        ),
        class_name="field",
    )
