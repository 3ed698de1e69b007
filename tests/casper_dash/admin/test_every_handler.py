"""Every event handler of the panel, called over the real socket by those who may not.

A browser can send any handler's name with any payload. The handlers are read from Reflex's own
registry, so a page that is added is tested by that alone.
"""

import inspect
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import socketio

from casper_dash.auth.roles import Role
from tests.casper_dash.admin.panel_socket import panel_socket
from tests.casper_dash.admin.registry import HANDLERS, HYDRATE, full_name
from tests.databases import Rows, dump
from tests.e2e.panel_server import PanelServer, panel_server

pytestmark = pytest.mark.anyio

_ARGUMENTS: dict[Any, Any] = {int: 1, bool: True, float: 1.0, list: [], dict: {}}
_MARK = "the last line of this test"


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PanelServer]:
    with panel_server(tmp_path_factory.mktemp("panel"), pages=False) as server:
        yield server


@pytest.fixture
def person(panel: PanelServer) -> Callable[[Role], str]:
    return lambda role: panel.person(f"{role}-{secrets.token_hex(4)}", role)


def test_the_registry_knows_the_handlers():
    names = {full_name(handler) for handler in HANDLERS}

    assert len(names) >= 5
    assert any(name.endswith("home_state.pause_crawl") for name in names)


@pytest.mark.parametrize("handler", HANDLERS, ids=full_name)
async def test_nobody_is_sent_to_sign_in_and_changes_nothing(panel: PanelServer, handler: Any):
    before = _held(panel)

    async with panel_socket(panel, tab=secrets.token_hex(8)) as socket:
        await socket.send(full_name(handler), **_payload(handler))
        updates = await socket.until("_redirect")

    assert "/sign-in" in str(updates[-1])
    assert _held(panel) == before


async def test_a_viewer_changes_nothing_whatever_handler_is_called(
    panel: PanelServer, person: Callable[[Role], str]
):
    token = person(Role.VIEWER)
    before = _held(panel)

    await _call_all(panel, token, refusal="This needs the role editor")

    assert _held(panel) == before


async def test_an_editor_does_change_what_a_viewer_could_not(
    panel: PanelServer, person: Callable[[Role], str]
):
    token = person(Role.EDITOR)
    before = _held(panel)

    await _call_all(panel, token)

    assert _held(panel) != before


async def test_a_dismissed_editor_changes_nothing_over_a_socket_that_is_still_open(
    panel: PanelServer,
):
    token = panel.person("Dirk", Role.EDITOR)
    async with panel_socket(panel, cookie=token, tab=secrets.token_hex(8)) as socket:
        await socket.send(_named("home_state.refresh"))
        await socket.until("Dirk")
        panel.dismiss("Dirk")
        before = _held(panel)

        for handler in HANDLERS:
            await socket.send(full_name(handler), **_payload(handler))
            await socket.until("_redirect")

    assert _held(panel) == before


async def test_another_origin_is_refused_in_spite_of_a_valid_cookie(
    panel: PanelServer, person: Callable[[Role], str]
):
    token = person(Role.ADMINISTRATOR)

    for origin in ("https://evil.example", "null", f"{panel.origin}.evil.example"):
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with panel_socket(panel, cookie=token, origin=origin):
                pass


async def test_a_stolen_tab_token_shows_nothing_of_its_owner(panel: PanelServer):
    token, tab = panel.person("Olga", Role.ADMINISTRATOR), secrets.token_hex(8)
    async with panel_socket(panel, cookie=token, tab=tab) as socket:
        await socket.send(HYDRATE)
        await socket.send(_named("home_state.refresh"))
        await socket.until("Olga")

    async with panel_socket(panel, tab=tab) as thief:
        await thief.send(HYDRATE)
        await thief.send(_named("home_state.refresh"))
        updates = await thief.until("_redirect")

    assert "Olga" not in str(updates)


async def test_forged_router_data_is_no_cookie(panel: PanelServer, person: Callable[[Role], str]):
    token = person(Role.ADMINISTRATOR)
    forged = {"headers": {"cookie": f"session={token}"}, "pathname": "/", "query": {}}
    event = {"name": _named("home_state.refresh"), "payload": {}, "router_data": forged}

    async with panel_socket(panel, tab=secrets.token_hex(8)) as socket:
        await socket.send_raw(event)
        updates = await socket.until("_redirect")

    assert "/sign-in" in str(updates[-1])


async def _call_all(panel: PanelServer, token: str, *, refusal: str = "") -> None:
    """Calls every handler, and returns once all have run and, if any, a refusal was answered."""
    async with panel_socket(panel, cookie=token, tab=secrets.token_hex(8)) as socket:
        for handler in HANDLERS:
            await socket.send(full_name(handler), **_payload(handler))
        await socket.until(refusal)
        # a tab's events are worked on one after the other
        await socket.send(_named("notice_state.show"), text=_MARK, tone="ok")
        await socket.until(_MARK)


def _held(panel: PanelServer) -> Rows:
    return dump(panel.engine, without=["session.last_seen_at"])


def _named(end: str) -> str:
    return next(full_name(handler) for handler in HANDLERS if full_name(handler).endswith(end))


def _payload(handler: Any) -> dict[str, Any]:
    parameters = list(inspect.signature(handler.fn).parameters.values())[1:]
    return {one.name: _ARGUMENTS.get(one.annotation, "coverage") for one in parameters}
