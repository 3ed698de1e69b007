"""The admin panel as an ASGI app: files of its build, the sign-in routes, and Reflex's backend.

The one door to Reflex in a serving process. It opens when somebody first asks for the panel, in a
thread: until then the process is as small and as quick as without it.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

import structlog
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from casper_dash.export import PANEL, ROOT, is_current
from casper_dash.front import front
from casper_dash.reflex_settings import PANEL_PATH, PANEL_REFLEX
from casper_dash.settings import AppSettings

log = structlog.get_logger(__name__)

AUTH_PATH = f"{PANEL_PATH}/auth"
_SOCKET_PATH = f"{PANEL_PATH}/_event"
_WAIT_HEADERS = {
    "Retry-After": "2",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
_WAIT = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta http-equiv="refresh" content="2"><title>Casper Dash: admin panel</title>
<h1>The admin panel is being built</h1>
<p>This takes about half a minute after an installation or an update, and the page asks again by
itself. Pages and API answer meanwhile. If it stays so, the server's log says why.</p></html>"""


class Backend(Protocol):
    """An ASGI app with a lifespan of its own, as Reflex makes it."""

    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """Runs what the app needs for as long as it answers."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answers the panel's socket."""


class Panel:
    """Answers everything below PANEL_PATH; `run` is to be running meanwhile."""

    def __init__(self, folder: Path, auth: ASGIApp, load: Callable[[], Backend]) -> None:
        self._folder = folder
        self._auth = auth
        self._load = load
        self._files: ASGIApp | None = None
        self._wanted = asyncio.Event()
        self._backend: asyncio.Future[Backend] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Picks who answers by the path alone."""
        path = scope["path"]
        if path.startswith(f"{AUTH_PATH}/"):
            answer = self._auth
        elif path == _SOCKET_PATH or path.startswith(f"{_SOCKET_PATH}/"):
            answer = await self._backend_app()
        elif scope["type"] == "http":
            self._wanted.set()
            answer = await self._pages()
        else:
            answer = _closed
        await answer(scope, receive, send)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Lets the backend live, once it is wanted, until the block ends."""
        self._backend = asyncio.get_running_loop().create_future()
        living = asyncio.create_task(self._live(self._backend))
        try:
            yield
        finally:
            living.cancel()
            with suppress(asyncio.CancelledError):
                await living

    async def _live(self, answered: asyncio.Future[Backend]) -> None:
        await self._wanted.wait()
        try:
            backend = await asyncio.to_thread(self._load)
            async with backend.lifespan():
                answered.set_result(backend)
                await asyncio.Event().wait()
        except Exception:
            log.exception("admin panel's backend failed")
            if not answered.done():
                answered.cancel()

    async def _backend_app(self) -> ASGIApp:
        self._wanted.set()
        if self._backend is None:
            raise RuntimeError("the panel answers while it runs")
        await asyncio.wait([self._backend])
        return _closed if self._backend.cancelled() else self._backend.result()

    async def _pages(self) -> ASGIApp:
        if self._files is None:
            if not await asyncio.to_thread(is_current, self._folder, PANEL):
                return HTMLResponse(_WAIT, 503, _WAIT_HEADERS)
            self._files = _below(await asyncio.to_thread(front, self._folder))
        return self._files


def beside(app: ASGIApp, panel: Panel) -> ASGIApp:
    """`app`, with the panel in front of it; both live as long as the server."""

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            async with panel.run():
                await app(scope, receive, send)
        elif scope["path"] == PANEL_PATH or scope["path"].startswith(f"{PANEL_PATH}/"):
            await panel(scope, receive, send)
        else:
            await app(scope, receive, send)

    return both


def _below(files: ASGIApp) -> ASGIApp:
    """The files of a build whose addresses all begin with PANEL_PATH."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await files({**scope, "root_path": PANEL_PATH}, receive, send)

    return app


async def _closed(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1011})
    else:
        await Response(status_code=503)(scope, receive, send)


def load_backend(settings: AppSettings) -> Backend:
    """Imports Reflex and the panel's pages, some seconds of work, and makes the app."""
    os.environ.update(_reflex_environment(settings))
    from casper_dash.admin.app import Backend as ReflexBackend

    return ReflexBackend()


def _reflex_environment(settings: AppSettings) -> dict[str, str]:
    """Reflex's settings of the backend; it compiles nothing and calls nobody."""
    store = (
        {"REFLEX_STATE_MANAGER_MODE": "redis", "REFLEX_REDIS_URL": settings.redis_url}
        if settings.redis_url
        else {"REFLEX_STATE_MANAGER_MODE": "memory"}
    )
    return {
        **PANEL_REFLEX,
        **store,
        "REFLEX_CORS_ALLOWED_ORIGINS": settings.admin_origin,
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "true",  # its own name of an internal one
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_WEB_WORKDIR": str(ROOT / ".build" / "backend"),
    }
