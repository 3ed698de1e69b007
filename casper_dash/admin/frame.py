"""The frame around the panel's pages: navigation, state of the whole, who is signed in."""

from itertools import groupby

import reflex as rx

from casper_dash.admin.navigation import PLACES, Place
from casper_dash.admin.state import AdminState, NoticeState
from casper_dash.components.amounts import integer
from casper_dash.components.browser import AllPackages, BrowserVar, Handler, call
from casper_dash.components.frame import logo, skip_link
from casper_dash.components.icons import icon
from casper_dash.components.session import sign_out
from casper_dash.components.theme import theme_switch
from casper_dash.components.ticks import is_connected, reconnect, ticks
from casper_dash.components.times import ago

_STATES = {
    "at_head": ("ok", "check", "At head"),
    "catching_up": ("warn", "sync", "Catching up"),
    "paused": ("warn", "halt", "Paused"),
    "chain_halted": ("error", "halt", "Chain halted"),
    "failed": ("error", "alert", "Crawler failed"),
}


def frame(*content: rx.Component, title: str, here: str, refresh: Handler) -> rx.Component:
    """The page at the route `here`; `refresh` is called every two seconds while it is seen."""
    return rx.el.div(
        skip_link(),
        _top(),
        rx.cond(is_connected, rx.fragment(), _lost()),
        rx.el.div(
            _navigation(here),
            rx.el.main(
                rx.el.h1(title),
                _notice(),
                # a lost connection disables every control, and keeps what was typed
                rx.el.fieldset(
                    *content, disabled=~is_connected, class_name="panel-content", aria_label=title
                ),
                id="content",
                tab_index=-1,
            ),
            class_name="panel-body",
        ),
        ticks(AdminState.stamp, refresh),
        AllPackages.create(),
        class_name="page panel-page",
    )


def for_editors(control: rx.Component) -> rx.Component:
    """A control that viewers do not see."""
    return rx.cond(AdminState.can_edit, control)


def state_words(state: BrowserVar, words: rx.Component | str = "") -> rx.Component:
    """The crawl's state as icon, word and colour, with `words` after it."""
    chips = [(name, _chip(*looks, words)) for name, looks in _STATES.items()]
    return rx.match(state, *chips, _chip("plain", "sync", "Loading…", ""))


def _chip(tone: str, symbol: str, word: str, words: rx.Component | str) -> rx.Component:
    return rx.el.div(
        icon(symbol), rx.el.span(word, class_name="strong"), words, class_name=f"chip chip-{tone}"
    )


def _top() -> rx.Component:
    return rx.el.header(
        rx.el.div(
            rx.el.a(logo(), rx.el.span("Casper Dash"), to="/", class_name="brand"),
            rx.el.div(
                state_words(AdminState.pill.state, _lag()), class_name="freshness", role="status"
            ),
            theme_switch(),
            _person(),
            class_name="bar",
        ),
        class_name="top",
    )


def _lag() -> rx.Component:
    lag = AdminState.pill.lag
    return rx.el.span(
        "· lag ",
        integer(lag),
        rx.cond(
            AdminState.pill.newest_at,
            rx.el.span(" · block ", ago(AdminState.pill.newest_at), class_name="chip-age"),
        ),
        class_name="chip-detail",
    )


def _person() -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            icon("person"),
            rx.el.span(AdminState.person_name, class_name="person-name"),
            # a phone shows the icon alone, and for a moment the name is not there yet
            aria_label=f"You: {AdminState.person_name}",
        ),
        rx.el.div(
            rx.el.p(AdminState.person_name, class_name="strong"),
            rx.el.p("Role: ", AdminState.person_role, class_name="quiet"),
            rx.el.button("Sign out", type="button", class_name="button", on_click=sign_out),
            class_name="popover",
        ),
        class_name="person",
        custom_attrs={"onKeyDown": call("focus", "closeOnEscape")},
    )


def _navigation(here: str) -> rx.Component:
    groups = groupby(PLACES, key=lambda place: place.group)
    return rx.el.nav(
        *(_group(name, list(places), here) for name, places in groups),
        class_name="side",
        aria_label="Panel",
    )


def _group(name: str, places: list[Place], here: str) -> rx.Component:
    return rx.el.div(
        rx.el.p(name, class_name="side-title"),
        rx.el.ul(
            *(
                rx.el.li(
                    rx.el.a(
                        place.title,
                        to=place.route,
                        aria_current="page" if place.route == here else "false",
                    )
                )
                for place in places
            )
        ),
    )


def _lost() -> rx.Component:
    return rx.el.div(
        icon("offline"),
        rx.el.p(
            rx.el.strong("Live updates paused"),
            rx.cond(
                AdminState.refreshed_at,
                rx.fragment(
                    " – data of ", call("format", "clock", AdminState.refreshed_at), " UTC"
                ),
            ),
            ". What you typed is kept.",
        ),
        rx.el.button("Reconnect", type="button", class_name="button", on_click=reconnect),
        class_name="lost",
        role="alert",
    )


def _notice() -> rx.Component:
    said = rx.el.div(
        icon("check"),
        rx.el.p(AdminState.notice),
        rx.el.button("Dismiss", type="button", class_name="button", on_click=NoticeState.dismiss),
        class_name=rx.match(
            AdminState.notice_tone, ("error", "said said-error"), ("warn", "said said-warn"), "said"
        ),
    )
    return rx.el.div(rx.cond(AdminState.notice, said), role="status", aria_live="polite")
