"""The API server as a process of its own: many who listen, many who are slow, another that writes.

What it hears of is what other processes write into the database.
"""

import asyncio
import os
import re
import shutil
import subprocess
from decimal import Decimal

import httpx
import orjson
import pytest
from sqlalchemy import update

from casper_dash.queries.supply import SupplyFilter, supply
from crawler.database import read_session, write_session
from crawler.models.figures import DeriveState
from tests.casper_dash.api.servers import PATIENCE_S, api_server, free_port
from tests.databases import engine_of
from tests.factories import (
    CSPR,
    block,
    crawl_state,
    derive_state,
    era,
    era_supply,
    running_era,
    store,
)

pytestmark = pytest.mark.anyio

LISTENERS = 1000
SLOW = 4000
BYTES_A_LISTENER = 64 * 1024
EVENTS = b"GET /api/v1/events HTTP/1.1\r\nHost: dash\r\n\r\n"
HALF_A_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: dash\r\n"


@pytest.fixture(scope="module")
def database(migrated_file, tmp_path_factory):
    file = shutil.copy(migrated_file, tmp_path_factory.mktemp("process") / "chain.db")
    engine = engine_of(f"sqlite:///{file}")
    head = block(24)
    with write_session(engine) as session:
        store(
            session,
            blocks=[block(height) for height in range(25)],
            eras=[era(0), era(1), running_era(2, blocks=5)],
            supplies=[era_supply(0), era_supply(1)],
            crawl=[crawl_state(head["height"])],
            derive=[derive_state()],
        )
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def server(database):
    """Its port and its process."""
    port = free_port()
    with api_server(port, DATABASE_URL=str(database.url)) as process:
        yield port, process


class Listener:
    """One that reads the events as they come."""

    def __init__(self, port):
        self._port = port

    async def __aenter__(self):
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(EVENTS)
        await self._reader.readuntil(b"\r\n\r\n")
        return self

    async def __aexit__(self, *_error):
        self._writer.close()

    async def until(self, name, **values):
        """Reads on to the event of this name with these values."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                line = await self._reader.readuntil(b"\n")
                if line != f"event: {name}\n".encode():
                    continue
                data = orjson.loads((await self._reader.readuntil(b"\n"))[len("data: ") :])
                if values.items() <= data.items():
                    return


def resident_bytes(process):
    """Of the server and its worker."""
    asked = ["ps", "-o", "rss=", "--pid", str(process.pid), "--ppid", str(process.pid)]
    found = subprocess.run(asked, capture_output=True, check=True, text=True)
    return sum(map(int, found.stdout.split())) * 1024


async def test_a_thousand_listeners_all_hear_of_the_next_block(server, database):
    port, process = server
    before = resident_bytes(process)
    listeners = [Listener(port) for _ in range(LISTENERS)]
    await asyncio.gather(*(each.__aenter__() for each in listeners))
    await asyncio.gather(*(each.until("block", height=24) for each in listeners))

    with write_session(database) as session:
        store(session, blocks=[block(25)])

    await asyncio.gather(*(each.until("block", height=25) for each in listeners))
    grown = resident_bytes(process) - before
    await asyncio.gather(*(each.__aexit__() for each in listeners))
    assert grown < LISTENERS * BYTES_A_LISTENER


async def test_what_another_process_publishes_is_in_every_answer_once_it_is_told(server, database):
    port, _ = server
    paths = [
        "/api/v1/eras/1",
        "/api/v1/eras?limit=1&to=1",
        "/api/v1/supply?era=1",
        "/api/v0/era?id=1",
    ]
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        Listener(port) as it,
    ):
        await it.until("supply", publication=0)
        before = [await client.get(path) for path in paths]

        with write_session(database) as session:
            store(session, supplies=[era_supply(1, publication=1, transfers=9 * 10**9)])
            session.execute(update(DeriveState).values(publication=1))
        await it.until("supply", publication=1)

        after = [await client.get(path) for path in paths]
    for old, new in zip(before, after, strict=True):
        assert old.content != new.content
        assert old.headers["etag"] != new.headers["etag"]
        assert "age" not in new.headers


AS_THEY_ASK = [[], ["--compressed"], ["--header", "Accept: application/json"], ["--http1.0"]]
"""Listing sites take an address that answers one number in CSPR, and nothing else."""


def motes_of(figure, database):
    """As the database has it now: other tests of this file write into it."""
    with read_session(database) as session:
        now = supply(session, SupplyFilter())
    return getattr(now, figure)


@pytest.mark.parametrize("options", AS_THEY_ASK, ids=" ".join)
@pytest.mark.parametrize("figure", ["total", "circulating", "staked"])
def test_a_listing_site_gets_one_number_and_nothing_else(server, database, options, figure):
    curl = shutil.which("curl")
    if curl is None:
        assert os.environ.get("CI_REQUIRE_ALL") != "1", "curl is not installed"
        pytest.skip("curl is not installed")
    url = f"http://127.0.0.1:{server[0]}/api/v1/supply/{figure}"

    asked = subprocess.run(
        [curl, "--silent", "--fail", *options, url], capture_output=True, check=True
    )

    assert re.fullmatch(rb"[0-9]+(\.[0-9]{1,9})?", asked.stdout)
    assert Decimal(asked.stdout.decode()) * CSPR == motes_of(figure, database) > 0


async def test_thousands_that_never_finish_their_request_keep_nobody_else_waiting(server):
    port, process = server
    slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(SLOW)]
    for _, writer in slow:
        writer.write(HALF_A_REQUEST)

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client:
        answers = [await client.get(path) for path in ("/healthz", "/api/v1/blocks/3")]

    assert [answer.status_code for answer in answers] == [200, 200]
    process.terminate()
    process.wait(PATIENCE_S)
    for _, writer in slow:
        writer.close()
