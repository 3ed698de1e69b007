"""The panel's Reflex app: wires pages to addresses, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import cast

import reflex as rx
from reflex.app import default_error_boundary
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from casper_dash.admin import account_proofs, sign_in
from casper_dash.admin.gate import Gate
from casper_dash.admin.navigation import PLACES
from casper_dash.admin.quiet import keep_headers_out_of_logs
from casper_dash.admin.state import answer_refusal
from casper_dash.components.theme import ICON, STYLESHEETS
from casper_dash.reflex_settings import PANEL_PATH

# Without the overlays of an app with state: the frame says itself that a connection is lost.
app = rx.App(
    toaster=None,
    reset_style=False,
    stylesheets=[*STYLESHEETS, "/css/panel.css"],
    head_components=[rx.el.link(rel="icon", href=f"{PANEL_PATH}{ICON}", type="image/svg+xml")],
    html_lang="en",
    app_wraps={(55, "ErrorBoundary"): lambda _stateful: default_error_boundary()},
    backend_exception_handler=answer_refusal,
)
app.add_middleware(Gate())

for place in PLACES:
    module = import_module(f"casper_dash.admin.{place.module}")
    app.add_page(
        module.page,
        route=place.route,
        title=f"{place.title} · Casper Dash",
        on_load=module.REFRESH,
        image=ICON,
    )
for route, title, page in (*sign_in.PAGES, *account_proofs.PAGES):
    app.add_page(page, route=route, title=f"{title} · Casper Dash", image=ICON)


class Backend:
    """What the browser's socket talks to."""

    def __init__(self) -> None:
        keep_headers_out_of_logs()
        self._app = cast(Starlette, app())

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Runs Reflex's own tasks."""
        # the app was made in a thread, whose context ended with it
        with app.set_contexts():
            async with self._app.router.lifespan_context(self._app):
                yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers below PANEL_PATH."""
        await self._app(scope, receive, send)
