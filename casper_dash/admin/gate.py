"""Stands before every event, whatever handler it names: a tab is emptied once its owner is gone.

Reflex sends all that a tab's state holds when a socket opens. Without the gate whoever opens one
with another's tab token, or after signing out, would be sent what the person before had on screen.
"""

import reflex as rx
from reflex.event import Event
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, OnLoadInternalState, State, StateUpdate

from casper_dash.admin.state import AdminState, NoDatabase

_SHOWING = tuple(f"{State.get_full_name()}.{name}" for name in ("hydrate", "hydrate_and_load"))
"""Those that send all that a tab holds: never to somebody unknown."""
_OPENING = ("hydrate", "hydrate_and_load", "on_load_internal", "set_is_hydrated")
_FOR_ALL = tuple(
    f"{state.get_full_name()}.{name}" for state in (State, OnLoadInternalState) for name in _OPENING
)


class Gate(Middleware):
    """Reflex asks it before it runs a handler; Reflex's own handlers are no exception."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """Empties the tab's states if they belong to another session.

        The event goes on to its handler, which asks by itself; but Reflex's own ones, which ask
        nobody, are for those who are signed in, except to open a page.
        """
        held = await state.get_state(AdminState)
        try:
            person = await held.who_asks(active=False)
        except NoDatabase:
            return StateUpdate() if event.name in _SHOWING else None
        if not held.belongs_to(person):
            held.forget()
        ours = event.name.startswith(f"{AdminState.get_full_name()}.")
        return None if person or ours or event.name in _FOR_ALL else StateUpdate()
