"""The network between two machines: a TCP proxy that can be disturbed at any moment."""

import asyncio
from contextlib import suppress
from typing import Any

from tests.crawler.faults.schedule import Disturbance

_PIECE_BYTES = 65536
_PATIENCE_S = 5


class Link:
    """One way to a server, from a port of its own. It lives in one event loop."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._server: asyncio.Server | None = None
        self._how: Disturbance | None = None
        self._flows = asyncio.Event()
        self._flows.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    @property
    def port(self) -> int:
        """Where to connect instead of to the server."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def disturb(self, how: Disturbance | None) -> None:
        """From now on the network is like this; None: as it should be."""
        self._how = how
        if how == "stall":
            self._flows.clear()
        else:
            self._flows.set()
        if how == "refuse":
            self._abort()

    async def close(self) -> None:
        """Ends all connections and listens no more."""
        assert self._server is not None
        self._server.close()
        self.disturb("refuse")
        if self._serving:
            await asyncio.wait(self._serving, timeout=_PATIENCE_S)
        await asyncio.sleep(0)  # an aborted transport closes in the next turn of the loop

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        ends = {writer}
        self._ends.add(writer)
        self._serving.add(task)
        try:
            await self._flows.wait()
            if self._how == "refuse":
                return
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            ends.add(far_writer)
            self._ends.add(far_writer)
            # one direction's end is the end of both
            there = asyncio.create_task(self._pump(reader, far_writer))
            back = asyncio.create_task(self._pump(far_reader, writer))
            await asyncio.wait({there, back}, return_when="FIRST_COMPLETED")
            there.cancel()
            back.cancel()
        except OSError:
            return  # the server is not there: the caller's connection just ends
        finally:
            for end in ends:
                end.transport.abort()
            self._ends -= ends
            self._serving.discard(task)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(_PIECE_BYTES):
                await self._flows.wait()
                if self._how == "cut":
                    writer.write(data[: len(data) // 2])
                    return
                writer.write(data)
                await writer.drain()

    def _abort(self) -> None:
        for end in self._ends:
            end.transport.abort()
