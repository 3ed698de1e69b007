"""The API server as a process: it ends when it is told to, whoever still listens."""

import signal
import threading

import httpx
import pytest

from tests.casper_dash.api.servers import PATIENCE_S, api_server, free_port


@pytest.fixture
def server(migrated_sqlite):
    """The process, and a client of it."""
    port = free_port()
    with (
        api_server(port, DATABASE_URL=str(migrated_sqlite.url)) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield process, client


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_open_event_streams_end_with_the_server(server, told):
    process, client = server
    with client.stream("GET", "/api/v1/events") as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry: ")

        process.send_signal(told)

        assert [line for line in lines if line.startswith("event")] == []
    process.wait(PATIENCE_S)


def test_it_ends_while_it_is_asked(server):
    process, client = server
    asking = threading.Event()

    def ask_on():
        with httpx.Client(base_url=client.base_url) as own:
            try:
                for height in range(100_000):
                    own.get(f"/api/v1/blocks/{height}")
                    asking.set()
            except httpx.TransportError:
                pass

    threads = [threading.Thread(target=ask_on) for _ in range(8)]
    for thread in threads:
        thread.start()
    asking.wait(PATIENCE_S)

    process.terminate()

    process.wait(PATIENCE_S)
    for thread in threads:
        thread.join()
