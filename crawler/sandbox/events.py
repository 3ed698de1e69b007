"""A node's event stream: `BlockAdded` for every new block, and old ones on demand.

An event's id is its block's height plus one, the same on every node and after a restart.
"""

import asyncio
from typing import Protocol

import msgspec

from crawler.sandbox.answers.blocks import bare_block, wrapped_block
from crawler.sandbox.node import API_VERSION_V1, API_VERSION_V2, Node

BUFFERED_EVENTS = 5000
_KEEP_ALIVE_S = 15.0
_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
    b"connection: close\r\n\r\n"
)


class Listener(Protocol):
    def write(self, data: bytes) -> None: ...


class EventStream:
    """Everyone who listens to one node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._listeners: set[Listener] = set()
        self._sent_height = node.view().high

    def join(self, listener: Listener, start_from: int | None) -> None:
        """Greet a listener and, if it names an event id, send it what is buffered from there."""
        view = self._node.view()
        version = API_VERSION_V2 if view.is_v2 else API_VERSION_V1
        listener.write(_HEAD + b'data:{"ApiVersion":"%b"}\n\n' % version.encode())
        if start_from is not None:
            first = max(start_from - 1, view.high - BUFFERED_EVENTS + 1, view.low)
            for height in range(first, min(self._sent_height, view.high) + 1):
                listener.write(self._block_added(height))
        self._listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)

    def publish(self) -> None:
        """Send what the node's head has gained."""
        high = self._node.view().high
        for height in range(self._sent_height + 1, high + 1) if self._listeners else ():
            event = self._block_added(height)
            for listener in self._listeners:
                listener.write(event)
        self._sent_height = max(self._sent_height, high)

    async def keep_alive(self) -> None:
        """Comment lines now and then, until cancelled."""
        while True:
            await asyncio.sleep(_KEEP_ALIVE_S)
            for listener in self._listeners:
                listener.write(b":\n\n")

    def _block_added(self, height: int) -> bytes:
        view = self._node.view()
        block = view.chain.blocks[height]
        shown = wrapped_block(block) if view.is_v2 else bare_block(block)
        event = {"BlockAdded": {"block_hash": block.hash.hex(), "block": shown}}
        return b"data:%b\nid:%d\n\n" % (msgspec.json.encode(event), height + 1)
