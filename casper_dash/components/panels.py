"""Panels and figures: the frames that every page puts its numbers in."""

from typing import Any

import reflex as rx

from casper_dash.components.browser import BrowserVar, call


def panel(
    *content: rx.Component,
    title: str | rx.Component,
    tools: tuple[rx.Component, ...] = (),
    name: str,
) -> rx.Component:
    """A titled surface; `name` is its id, for links and the heading's label."""
    heading = f"{name}-title"
    return rx.el.section(
        rx.el.header(
            rx.el.h2(title, id=heading),
            rx.el.div(*tools, class_name="panel-tools"),
            class_name="panel-head",
        ),
        *content,
        id=name,
        class_name="panel",
        aria_labelledby=heading,
    )


def figure_card(
    label: str,
    value: rx.Component,
    *details: rx.Component,
    about: str,
    trend: rx.Component | None = None,
) -> rx.Component:
    """One figure: label, value, quiet details, a sparkline, and what it is (`about`)."""
    return rx.el.div(
        rx.el.div(rx.el.h3(label), what_is_this(label, about), class_name="figure-label"),
        rx.el.p(value, class_name="figure-value"),
        rx.el.p(*details, class_name="figure-detail"),
        trend or rx.fragment(),
        class_name="figure-card",
    )


def what_is_this(label: str, *about: Any) -> rx.Component:
    """A "?" that opens the figure's formula and source; closes with Escape or a second click."""
    return rx.el.details(
        rx.el.summary("?", aria_label=f"What is this: {label}"),
        rx.el.div(*about, class_name="popover"),
        class_name="about",
        # Browsers keep one open of all that share a name.
        custom_attrs={"name": "about", "onKeyDown": call("focus", "closeOnEscape")},
    )


def sparkline(eras: BrowserVar, field: str) -> rx.Component:
    """The last eras' `field` as a bare line; the figures themselves stand beside it."""
    return rx.el.svg(
        rx.el.path(d=call("era", "sparkline", eras, field)),
        view_box="0 0 100 24",
        preserve_aspect_ratio="none",
        class_name="sparkline",
        custom_attrs={"aria-hidden": "true"},
    )


def progress_bar(
    per_mille: BrowserVar, *, label: str, text: BrowserVar, whole: BrowserVar | bool = False
) -> rx.Component:
    """A bar filled to `per_mille` of 1000, green once it is `whole`; `text` says it in words."""
    return rx.el.div(
        _bar(per_mille),
        role="progressbar",
        class_name=rx.cond(whole, "progress progress-whole", "progress"),
        aria_label=label,
        custom_attrs={
            "aria-valuemin": 0,
            "aria-valuemax": 1000,
            "aria-valuenow": per_mille,
            "aria-valuetext": text,
        },
    )


def _bar(per_mille: BrowserVar) -> rx.Component:
    # The width is an SVG attribute: the page's policy allows no inline styles.
    return rx.el.svg(
        rx.el.rect(width=per_mille, height=8, class_name="progress-fill"),
        view_box="0 0 1000 8",
        preserve_aspect_ratio="none",
        custom_attrs={"aria-hidden": "true"},
    )
