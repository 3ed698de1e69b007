"""The exported front end in a real browser, fed by a test double of the API on one port."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright
from starlette.types import ASGIApp, Receive, Scope, Send

from casper_dash.export import ROOT, ensure_built
from casper_dash.front import front
from tests.e2e.api_double import ApiDouble
from tests.e2e.panel_server import PanelServer, panel_server

# a panel that was just started imports Reflex first
_PANEL_TIMEOUT_MS = 20_000
_EXPECT_MS = 5_000
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def exported() -> Path:
    folder = ROOT / ".build" / "front"
    ensure_built(folder)
    return folder


@pytest.fixture(scope="session")
def site(exported: Path) -> ASGIApp:
    return front(exported)


# For one module at a time: while it runs, Playwright's event loop keeps any other from running.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        if os.environ.get("CI_REQUIRE_ALL") == "1":
            pytest.fail("Chromium is missing, and CI_REQUIRE_ALL=1 lets no test be skipped")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture
def api() -> ApiDouble:
    return ApiDouble()


@pytest.fixture
def address(site: ASGIApp, api: ApiDouble) -> Iterator[str]:
    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        answers = api if scope["path"].startswith("/api/") else site
        await answers(scope, receive, send)

    with _served(both) as found:
        yield found


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens a page: `visit()`, `visit("/?eras=24", width=390, color_scheme="dark")`.

    Fails the test afterwards if a page asked anything of another origin, or wrote an error to
    the console that was not about an answer which the test itself made fail.
    """
    contexts, foreign, errors = [], [], []

    def open_page(path: str = "/", *, width: int = 1440, wait: bool = True, **options: str) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda request: _note_foreign(request.url, (address,), foreign))
        page.on("console", lambda message: _note_error(message.type, message.text, errors))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address + path)
        if wait:
            page.wait_for_selector("#newest-height")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert foreign == []
    assert errors == []


def _note_foreign(url: str, own: tuple[str, ...], foreign: list[str]) -> None:
    if not url.startswith((*own, "data:", "blob:")):
        foreign.append(url)


def _note_error(kind: str, text: str, errors: list[str]) -> None:
    if kind == "error" and not text.startswith("Failed to load resource"):
        errors.append(text)


@contextmanager
def _served(app: ASGIApp) -> Iterator[str]:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PanelServer]:
    """One for all: a test makes the people and rows that it is about."""
    with panel_server(tmp_path_factory.mktemp("panel")) as server:
        yield server


@pytest.fixture
def open_panel(browser: Browser, panel: PanelServer) -> Iterator[Callable[..., Page]]:
    """Opens a page of the panel: `open_panel("/admin/", token=…, color_scheme="dark")`.

    Fails the test afterwards if a page asked anything of another origin, or wrote an error to
    the console that was not about an answer or a connection which the test itself made fail.
    """
    contexts, foreign, errors = [], [], []
    own = (panel.origin, panel.origin.replace("http", "ws"))

    def open_page(path: str, *, token: str = "", width: int = 1440, **options: str) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        if token:
            context.add_cookies([{"name": "session", "value": token, "url": panel.origin}])
        page = context.new_page()
        page.set_default_timeout(_PANEL_TIMEOUT_MS)
        page.on("request", lambda request: _note_foreign(request.url, own, foreign))
        page.on("websocket", lambda socket: _note_foreign(socket.url, own, foreign))
        page.on("console", lambda message: _note_error(message.type, message.text, errors))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(panel.origin + path)
        return page

    expect.set_options(timeout=_PANEL_TIMEOUT_MS)
    yield open_page
    expect.set_options(timeout=_EXPECT_MS)
    for context in contexts:
        context.close()
    assert foreign == []
    assert [text for text in errors if not text.startswith("WebSocket connection to")] == []
