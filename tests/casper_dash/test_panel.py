"""The panel beside the API: who answers what, and what a process imports for it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from casper_dash.components.own_origin import script_of_reflex, to_own_origin
from casper_dash.export import ROOT
from casper_dash.panel import Panel, beside

pytestmark = pytest.mark.anyio


def _never() -> None:
    raise AssertionError("nobody asked for the panel's backend")


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[str], httpx.Response]:
    api = PlainTextResponse("the API")
    panel = Panel(tmp_path, PlainTextResponse("signing in"), _never)
    app = beside(api, panel)

    async def ask(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get(path)

    return ask


@pytest.mark.parametrize("path", ["/", "/api/v1/network", "/administration", "/adminx/"])
async def test_what_is_not_below_the_panel_goes_on_to_the_api(ask, path: str):
    assert (await ask(path)).text == "the API"


async def test_signing_in_needs_no_build_and_no_reflex(ask):
    assert (await ask("/admin/auth/session")).text == "signing in"


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/jobs/"])
async def test_an_unbuilt_panel_says_so_and_asks_again_by_itself(ask, path: str):
    answer = await ask(path)

    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
    assert 'http-equiv="refresh"' in answer.text


def test_the_worker_answers_without_reflex_until_the_panel_is_wanted(tmp_path: Path):
    loaded = _modules_of_worker(tmp_path, panel=str(tmp_path / "panel"))

    assert "casper_dash.panel" in loaded
    assert [name for name in loaded if name.startswith("reflex")] == []


def test_a_changed_reflex_fails_the_build_instead_of_talking_to_another_address():
    with pytest.raises(ValueError, match="is not there once"):
        to_own_origin("const endpoint = new URL(another);")


def test_the_socket_goes_to_the_pages_origin_whatever_was_built_in():
    changed = to_own_origin(script_of_reflex())

    for page, expected in (
        ("https://dash.example.org:8443/admin/", "wss://dash.example.org:8443/admin/_event"),
        ("http://localhost:3000/admin/", "ws://localhost:3000/admin/_event"),
    ):
        assert _backend_url(changed, page) == expected


def _backend_url(script: str, page: str) -> str:
    """What the function of the script answers on a page, asked of node itself."""
    start = script.index("export const getBackendURL")
    function = script[start : script.index("\n};", start) + 3].removeprefix("export ")
    code = (
        f"globalThis.location = new URL({json.dumps(page)});\n{function}\n"
        'console.log(getBackendURL("ws://localhost:8000/admin/_event").href);'
    )
    node = Path(sys.executable).with_name("node")
    done = subprocess.run([node, "-e", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _modules_of_worker(folder: Path, *, panel: str) -> list[str]:
    """What a worker has imported once its application stands."""
    code = (
        "import sys, json; from casper_dash.web import worker_app; worker_app();"
        " print(json.dumps(sorted(sys.modules)))"
    )
    settings = {
        "DATABASE_URL": f"sqlite:///{folder / 'none.db'}",
        "SECRET_KEY": "an00ther-l0ng-and-rand0m-looking-one-for-tests",
        "CASPER_DASH_FRONT": "",
        "CASPER_DASH_PANEL": panel,
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout.splitlines()[-1]))
