"""A client of the panel's socket that sends what it likes, as a browser's console could."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import socketio

from tests.e2e.panel_server import PanelServer

_NAMESPACE = "/admin/_event"
_ANSWER_S = 30


class PanelSocket:
    """Sends events and keeps what comes back."""

    def __init__(self, client: socketio.AsyncClient, tab: str) -> None:
        self._client = client
        self._tab = tab
        self._arrived: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        client.on("event", self._arrived.put, namespace=_NAMESPACE)

    async def send(self, handler: str, **payload: Any) -> None:
        """Calls a handler by its full name."""
        router_data = {"pathname": "/", "asPath": "/admin/", "query": {}}
        await self.send_raw({"name": handler, "payload": payload, "router_data": router_data})

    async def send_raw(self, event: dict[str, Any]) -> None:
        """An event as it stands."""
        await self._client.emit("event", event, namespace=_NAMESPACE)

    async def next(self) -> dict[str, Any]:
        """The next update: {delta, events}."""
        return await asyncio.wait_for(self._arrived.get(), _ANSWER_S)

    async def until(self, text: str) -> list[dict[str, Any]]:
        """All updates up to the first in which `text` stands."""
        found = []
        while True:
            found.append(await self.next())
            if text in str(found[-1]):
                return found


@asynccontextmanager
async def panel_socket(
    panel: PanelServer, *, cookie: str = "", tab: str = "tab-1", origin: str | None = None
) -> AsyncIterator[PanelSocket]:
    """A connection with this session token as its cookie. Raises ConnectionError if refused."""
    headers = {"Origin": panel.origin if origin is None else origin}
    if cookie:
        headers["Cookie"] = f"session={cookie}"
    client = socketio.AsyncClient(reconnection=False)
    socket = PanelSocket(client, tab)
    try:
        await client.connect(
            f"{panel.origin}?token={tab}",
            headers=headers,
            socketio_path="/admin/_event",
            namespaces=[_NAMESPACE],
            transports=["websocket"],
            wait_timeout=_ANSWER_S,
        )
        yield socket
    finally:
        await client.disconnect()
        if client.eio.http is not None:  # which it leaves open when it was refused
            await client.eio.http.close()
