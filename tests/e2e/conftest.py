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
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.types import ASGIApp, Receive, Scope, Send

from casper_dash.export import ROOT, ensure_built
from casper_dash.front import front
from tests.e2e.api_double import ApiDouble

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
        page.on("request", lambda request: _note_foreign(request.url, address, foreign))
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


def _note_foreign(url: str, address: str, foreign: list[str]) -> None:
    if not url.startswith((address, "data:", "blob:")):
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
