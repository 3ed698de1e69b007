"""What is shown at an address that leads nowhere."""

import reflex as rx

from casper_dash.components.frame import frame

TITLE = "Not found · Casper Dash"


def page() -> rx.Component:
    """Says so, and leads to the nearest page that exists."""
    return frame(
        rx.el.div(
            rx.el.h1("There is no such page"),
            rx.el.p("The address may be mistyped, or from a version of this site to come."),
            rx.el.p(rx.el.a("Go to the overview", to="/")),
            class_name="panel notice",
        ),
        current="",
    )
