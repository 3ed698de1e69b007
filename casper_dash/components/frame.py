"""The frame around every page: header, sandbox banner, landmarks, footer."""

import reflex as rx

from casper_dash.components.api import api_link
from casper_dash.components.browser import call
from casper_dash.components.freshness import freshness_chip
from casper_dash.components.network import is_sandbox, network
from casper_dash.components.states import sandbox_tag
from casper_dash.components.theme import theme_switch
from casper_dash.components.times import utc

# Pages that exist: a page adds its line here when it is written.
_NAVIGATION = {"/": "Overview"}


def frame(*content: rx.Component, current: str) -> rx.Component:
    """A page: `content` inside the landmarks, with the navigation entry `current` marked."""
    return rx.el.div(
        skip_link(),
        _header(current),
        rx.cond(is_sandbox, _sandbox_banner()),
        rx.el.main(*content, id="content", tab_index=-1),
        _footer(),
        rx.el.div(id="announcements", class_name="hidden", role="status", aria_live="polite"),
        class_name="page",
    )


def skip_link() -> rx.Component:
    """The first thing that the Tab key reaches."""
    focus = call("focus", "focuser", "content").to(rx.EventChain)
    return rx.el.a("Skip to the content", to="#content", class_name="skip", on_click=focus)


def _header(current: str) -> rx.Component:
    return rx.el.header(
        rx.el.div(
            rx.el.a(logo(), "Casper Dash", to="/", class_name="brand"),
            rx.el.nav(
                *(_entry(route, title, route == current) for route, title in _NAVIGATION.items()),
                aria_label="Pages",
            ),
            freshness_chip(),
            theme_switch(),
            class_name="bar",
        ),
        class_name="top",
    )


def _entry(route: str, title: str, current: bool) -> rx.Component:
    return rx.el.a(title, to=route, aria_current="page" if current else "false")


def logo() -> rx.Component:
    """The mark, without its name."""
    return rx.el.svg(
        rx.el.path(d="M12 2 21 7v10l-9 5-9-5V7l9-5Z", class_name="logo-shape"),
        rx.el.path(d="M7.5 14.5v-3M11 16V9.5M14.5 14v-4.5M18 15.5V8", class_name="logo-bars"),
        view_box="0 0 24 24",
        class_name="logo",
        custom_attrs={"aria-hidden": "true"},
    )


def _sandbox_banner() -> rx.Component:
    return rx.el.aside(
        rx.el.p(
            rx.el.strong("Sandbox network. "),
            "Every block, amount and key on this page is invented for trying the platform out; "
            "nothing here is of the Casper Mainnet.",
        ),
        class_name="sandbox",
        aria_label="Sandbox",
    )


def _footer() -> rx.Component:
    return rx.el.footer(
        rx.el.div(
            rx.el.p(
                rx.cond(
                    network.data,
                    rx.fragment(
                        "Data of ",
                        rx.el.strong(network.data.title),
                        " ",
                        sandbox_tag(),
                        " as of ",
                        utc(network.data.updated_at),
                        ".",
                    ),
                    "No data yet.",
                )
            ),
            rx.el.p(
                "All figures come from the public ",
                api_link("JSON API", "/api/v1/network"),
                "; amounts are exact to the mote, times are UTC.",
            ),
            class_name="bar",
        ),
        class_name="bottom",
    )
