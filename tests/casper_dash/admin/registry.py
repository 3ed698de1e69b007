"""The panel's Reflex app in this process, for its registry alone: it serves nothing here."""

import os

from casper_dash.reflex_settings import PANEL_REFLEX

# as casper_dash.panel sets them, for the imports below alone; their order is the point
os.environ.update(PANEL_REFLEX | {"__REFLEX_SKIP_COMPILE": "true"})

from reflex.state import State
from reflex_base.utils.format import format_event_handler as full_name

from casper_dash.admin.app import app
from casper_dash.admin.state import AdminState

for name in (*PANEL_REFLEX, "__REFLEX_SKIP_COMPILE"):
    del os.environ[name]

with app.set_contexts():
    _STATES = [AdminState, *AdminState.get_substates()]
HANDLERS = sorted(
    (
        handler
        for state in _STATES
        for name, handler in state.event_handlers.items()
        if handler.state is state and name != "setvar"
    ),
    key=full_name,
)
"""Every handler of the panel's own states."""
HYDRATE = full_name(State.event_handlers["hydrate"])

__all__ = ["HANDLERS", "HYDRATE", "app", "full_name"]
