"""Fields of forms: label, control, and a line on what belongs in it."""

from typing import Any

import reflex as rx

MAX_LENGTH = 254


def field(name: str, label: str, *, about: str = "", **control: Any) -> rx.Component:
    """A text field under its label; `control` are the input's own properties."""
    control_id = control.get("id", name)
    about_id = f"{control_id}-about"
    described = {"aria-describedby": about_id} if about else {}
    standard = {"type": "text", "required": True, "max_length": MAX_LENGTH, "id": name}
    return rx.el.div(
        rx.el.label(label, html_for=control_id),
        rx.el.input(name=name, class_name="input", custom_attrs=described, **(standard | control)),
        rx.el.p(about, id=about_id, class_name="quiet") if about else rx.fragment(),
        class_name="field",
    )


def hidden(name: str, value: rx.Var[str]) -> rx.Component:
    """A value that goes with the form and nobody types."""
    return rx.el.input(type="hidden", name=name, value=value)
