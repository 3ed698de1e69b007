"""A clock in the browser that asks the panel's page to refresh, and whether there is a connection.

The server runs no task for an open page: what asks stops with its tab, its socket and its view.
"""

import reflex as rx
from reflex.components.component import Component
from reflex.event import no_args_event_spec
from reflex_components_core.core.banner import (  # type: ignore[import-untyped]
    has_connection_errors,
)

from casper_dash.components.browser import BrowserVar, Handler, call, library

EVERY_MS = 2_000

is_connected = ~has_connection_errors
"""Whether the panel's socket is open."""
reconnect = call("ticks", "reconnect").to(rx.EventChain)


class Ticks(Component):
    """Calls `on_tick` every `every_ms`, the next time after `stamp` has changed."""

    library = library("ticks")
    tag = "Ticks"

    stamp: rx.Var[int]
    every_ms: rx.Var[int]
    live: rx.Var[bool]
    on_tick: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg,valid-type]


def ticks(stamp: BrowserVar, on_tick: Handler) -> Component:
    """Refreshes a page for as long as somebody looks at it."""
    return Ticks.create(stamp=stamp, every_ms=EVERY_MS, live=is_connected, on_tick=on_tick)
