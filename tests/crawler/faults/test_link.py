"""A link passes everything on, until it is disturbed; then it does what it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from tests.crawler.faults.link import Link

pytestmark = pytest.mark.anyio
WORD = b"from here to there"
PATIENCE_S = 20


@dataclass
class Caller:
    """Somebody who talks through a link with a server that sends back what it gets."""

    link: Link
    ends: list[asyncio.StreamWriter] = field(default_factory=list)

    async def send(self) -> asyncio.StreamReader:
        """Says WORD on a new connection; where the answer comes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.link.port)
        self.ends.append(writer)
        writer.write(WORD)
        return reader

    async def talk(self) -> asyncio.StreamReader:
        """A connection on which WORD has come back."""
        reader = await self.send()
        assert await reader.readexactly(len(WORD)) == WORD
        return reader


@asynccontextmanager
async def calling(port: int | None = None) -> AsyncIterator[Caller]:
    echoing = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        echoing.append(asyncio.current_task())
        while data := await rest(reader, 100):
            writer.write(data)
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    caller = Caller(Link("127.0.0.1", port or server.sockets[0].getsockname()[1]))
    await caller.link.open()
    async with server, asyncio.timeout(PATIENCE_S):
        try:
            yield caller
        finally:
            await caller.link.close()
            for end in caller.ends:
                end.transport.abort()
            await asyncio.gather(*echoing)


async def rest(reader: asyncio.StreamReader, most: int = -1) -> bytes:
    """What comes until the end, which may be a reset."""
    try:
        return await reader.read(most)
    except ConnectionResetError:
        return b""


async def test_undisturbed_it_passes_everything_on():
    async with calling() as caller:
        await caller.talk()


async def test_refusing_it_ends_new_and_old_connections():
    async with calling() as caller:
        old = await caller.talk()
        caller.link.disturb("refuse")

        assert await rest(old) == b""
        assert await rest(await caller.send()) == b""


async def test_cutting_it_ends_in_the_middle_of_the_next_data():
    async with calling() as caller:
        await caller.talk()
        caller.link.disturb("cut")

        assert await rest(await caller.send()) in (b"", WORD[: len(WORD) // 2])


async def test_stalling_it_says_nothing_until_it_is_well_again():
    async with calling() as caller:
        await caller.talk()
        caller.link.disturb("stall")
        answer = asyncio.create_task((await caller.send()).readexactly(len(WORD)))
        await asyncio.sleep(0.1)
        assert not answer.done()
        caller.link.disturb(None)

        assert await answer == WORD


async def test_a_server_that_is_not_there_looks_like_a_refusal():
    async with calling(port=1) as caller:
        assert await rest(await caller.send()) == b""
