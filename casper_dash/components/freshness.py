"""The freshness chip: how close to the chain what stands on the screen is."""

import reflex as rx

from casper_dash.components.amounts import integer
from casper_dash.components.icons import icon
from casper_dash.components.network import network
from casper_dash.components.times import ago

_STATES = {
    "at_head": ("ok", "check", "Live"),
    "catching_up": ("warn", "sync", "Catching up"),
    "paused": ("warn", "halt", "Paused"),
    "chain_halted": ("error", "halt", "Chain halted"),
    "failed": ("error", "alert", "Crawler failed"),
}


def freshness_chip() -> rx.Component:
    """State in icon, word and colour, with the newest block's height and age."""
    return rx.el.div(
        rx.cond(
            network.error,
            _chip("error", "offline", "No connection"),
            rx.cond(
                network.data,
                rx.match(network.data.state, *_by_state(), _chip("plain", "sync", "Unknown state")),
                _chip("plain", "sync", "Connecting…"),
            ),
        ),
        class_name="freshness",
    )


def _by_state() -> list[tuple[str, rx.Component]]:
    return [(state, _chip(*looks)) for state, looks in _STATES.items()]


def _chip(tone: str, symbol: str, word: str) -> rx.Component:
    return rx.el.div(
        icon(symbol),
        rx.el.span(word, class_name="strong", role="status"),
        rx.cond(network.data.newest, _newest_block()),
        class_name=f"chip chip-{tone}",
    )


def _newest_block() -> rx.Component:
    return rx.el.span(
        "block ",
        integer(network.data.newest.height),
        rx.el.span(" · ", ago(network.data.newest.timestamp), class_name="chip-age"),
        class_name="chip-detail",
    )
