"""Several nodes on loopback ports in one event loop, their head, and `/control`."""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from weakref import WeakSet

import msgspec

from crawler.sandbox.chain import Chain
from crawler.sandbox.events import EventStream
from crawler.sandbox.faults import Switch, parse_switch
from crawler.sandbox.http import HttpConnection, error_body
from crawler.sandbox.node import Node

HOST = "127.0.0.1"
MOST_BLOCKS_AT_ONCE = 10_000

BlockTime = Callable[[int], int]
"""Height of the next block → its timestamp in milliseconds."""


class Network:
    """Nodes that share one chain. Not thread-safe: use it inside its event loop."""

    def __init__(self, chain: Chain, nodes: int, block_time: BlockTime | None = None) -> None:
        """`block_time` is asked before each new block; default: the history's pace."""
        self.chain = chain
        self.nodes = [Node(number, chain) for number in range(nodes)]
        self.ports: list[int] = []
        self._block_time = block_time or chain.scheduled_time_ms
        self._events = [EventStream(node) for node in self.nodes]
        self._servers: list[asyncio.Server] = []
        self._connections: WeakSet[HttpConnection] = WeakSet()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, first_port: int = 0, block_time_s: float = 0) -> None:
        """Listen on consecutive ports from `first_port`, or on ports that the system chooses.

        A new block is made each `block_time_s` seconds; 0: none. Raises OSError if a port is
        taken.
        """
        loop = asyncio.get_running_loop()
        for number in range(len(self.nodes)):
            port = first_port + number if first_port else 0
            server = await loop.create_server(partial(self._connect, number), HOST, port)
            self._servers.append(server)
            self.ports.append(server.sockets[0].getsockname()[1])
        self._tasks = [asyncio.create_task(events.keep_alive()) for events in self._events]
        if block_time_s:
            self._tasks.append(asyncio.create_task(self._make_blocks(block_time_s)))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for server in self._servers:
            server.close()
        for connection in list(self._connections):
            connection.abort()

    def advance(self, count: int) -> None:
        """Make new blocks at once and tell those who listen."""
        for _ in range(count):
            self.chain.add_block(self._block_time(self.chain.height + 1))
        for events in self._events:
            events.publish()

    def switch(self, order: Switch) -> None:
        """Set faults. Raises ValueError for a node that does not exist."""
        if order.node is None:
            chosen: Sequence[Node] = self.nodes
        elif order.node < len(self.nodes):
            chosen = [self.nodes[order.node]]
        else:
            raise ValueError(f"there is no node {order.node}, only 0 to {len(self.nodes) - 1}")
        for node in chosen:
            node.switch(order.faults)

    def _connect(self, number: int) -> HttpConnection:
        connection = HttpConnection(self.nodes[number], self._events[number], self._control)
        self._connections.add(connection)
        return connection

    async def _make_blocks(self, block_time_s: float) -> None:
        due = time.monotonic()
        while True:
            # Never many at once after a pause of the machine.
            due = max(due + block_time_s, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
            self.advance(1)

    def _control(self, method: str, body: bytes) -> tuple[int, bytes]:
        if method == "GET":
            return 200, self._state()
        try:
            self._obey(body)
        except (ValueError, msgspec.MsgspecError) as error:
            return 400, error_body(str(error))
        return 200, self._state()

    def _obey(self, body: bytes) -> None:
        order: Any = msgspec.json.decode(body)
        match order:
            case {"advance": int(count), **rest} if not rest and 0 < count <= MOST_BLOCKS_AT_ONCE:
                self.advance(count)
            case {"faults": _}:
                self.switch(parse_switch(order))
            case _:
                raise ValueError('an order is {"advance": n} or {"node": n, "faults": {…}}')

    def _state(self) -> bytes:
        faults = [msgspec.to_builtins(node.faults) for node in self.nodes]
        calls = [node.calls for node in self.nodes]
        told = [node.answer_bytes for node in self.nodes]
        height = self.chain.height
        return msgspec.json.encode(
            {"height": height, "faults": faults, "calls": calls, "answer_bytes": told}
        )
