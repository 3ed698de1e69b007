"""The network in a thread of this process, for tests and benchmarks."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from crawler.sandbox.chain import Chain
from crawler.sandbox.faults import Switch, parse_faults
from crawler.sandbox.server import HOST, Network

Result = TypeVar("Result")
Faults = Mapping[str, Any]


class RunningNetwork:
    """A handle on the served network; every call returns when it is done."""

    def __init__(self, network: Network, loop: asyncio.AbstractEventLoop) -> None:
        self._network = network
        self._loop = loop
        self.chain = network.chain
        """Read it only while nothing advances it."""

    @property
    def urls(self) -> list[str]:
        """Each node's JSON-RPC address."""
        return [f"http://{HOST}:{port}/rpc" for port in self._network.ports]

    @property
    def event_urls(self) -> list[str]:
        return [f"http://{HOST}:{port}/events" for port in self._network.ports]

    def advance(self, count: int = 1) -> None:
        """Make new blocks at once."""
        self._run(lambda: self._network.advance(count))

    def set_faults(self, node: int | None, faults: Faults) -> None:
        """Give a node, or all, exactly these faults. Raises ValueError."""
        order = Switch(parse_faults(dict(faults)), node)
        self._run(lambda: self._network.switch(order))

    def _run(self, act: Callable[[], Result]) -> Result:
        async def acting() -> Result:
            return act()

        return asyncio.run_coroutine_threadsafe(acting(), self._loop).result()


@contextmanager
def running(
    chain: Chain, nodes: int = 1, faults: Mapping[int, Faults] | None = None
) -> Iterator[RunningNetwork]:
    """Serve a chain on ports that the system chooses until the block ends.

    `faults`: node → its faults by name.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sandbox network")
    thread.start()
    network = Network(chain, nodes)
    try:
        asyncio.run_coroutine_threadsafe(network.start(), loop).result()
        handle = RunningNetwork(network, loop)
        for node, values in (faults or {}).items():
            handle.set_faults(node, values)
        yield handle
    finally:
        asyncio.run_coroutine_threadsafe(network.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
