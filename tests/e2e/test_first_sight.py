"""The whole of one machine, as `make run` starts it: sandbox, crawl, API and the exported page."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from casper_dash.export import ROOT

pytestmark = pytest.mark.browser

_START_S = 120


@contextmanager
def everything(folder: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The running process and its address; its database lies in `folder`."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "casper_dash", "run"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PORT": str(port), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def test_a_new_block_appears_on_the_exported_page_without_reloading(
    exported: Path, browser: Browser, tmp_path: Path
):
    with everything(tmp_path) as (process, address):
        _await_block(process, address)
        page = browser.new_page()
        page.goto(address)
        page.evaluate("window.notReloaded = true")
        newest = page.locator("#newest-height")
        expect(newest).to_have_text(re.compile(r"\d"), timeout=20_000)
        before = newest.inner_text()

        expect(newest).not_to_have_text(before, timeout=30_000)

        assert _height(newest.inner_text()) > _height(before)
        assert page.evaluate("window.notReloaded") is True
        page.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopping_leaves_no_process_behind(exported: Path, tmp_path: Path, number: signal.Signals):
    with everything(tmp_path) as (process, address):
        _await_block(process, address)

        process.send_signal(number)

        process.wait(timeout=30)
        deadline = time.monotonic() + 10
        while (left := _in_session(process.pid)) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert left == []


def test_a_restart_goes_on_with_the_same_chain(exported: Path, tmp_path: Path):
    with everything(tmp_path) as (process, address):
        _await_block(process, address)
        before = _block(address, "latest")
        process.kill()
    with everything(tmp_path) as (process, address):
        _await_block(process, address)
        deadline = time.monotonic() + 30
        while _block(address, "latest")["height"] <= before["height"]:
            assert time.monotonic() < deadline
            time.sleep(0.5)

        assert _block(address, str(before["height"])) == before


def test_a_killed_web_server_answers_again(exported: Path, tmp_path: Path):
    with everything(tmp_path) as (process, address):
        _await_block(process, address)
        port = int(address.rpartition(":")[2])
        (worker,) = _listeners(port)
        # granian, whose death takes its worker along
        os.kill(_parent(worker), signal.SIGKILL)
        _until(lambda: _listeners(port) not in ([worker], []))

        assert httpx.get(address).status_code == 200
        assert "process ended, started again" in _told_until_the_end(process)


def test_a_killed_sandbox_goes_on_with_the_same_chain(exported: Path, tmp_path: Path):
    with everything(tmp_path) as (process, address):
        _await_block(process, address)
        before = _block(address, "latest")
        (sandbox,) = _listeners(_sandbox_port(process.pid))
        os.kill(sandbox, signal.SIGKILL)
        _until(lambda: _block(address, "latest")["height"] > before["height"] + 1)

        assert _block(address, str(before["height"])) == before


def test_a_balance_is_asked_of_the_sandboxs_nodes(exported: Path, tmp_path: Path):
    with everything(tmp_path) as (process, address):
        _await_block(process, address)
        transfer = httpx.get(f"{address}/api/v1/transfers", params={"limit": "1"}).json()["data"][0]
        answer = httpx.get(
            f"{address}/api/v0/accountBalance",
            params={"account": transfer["to_account_hash"]},
            timeout=20,
        )

        assert answer.status_code == 200
        assert int(answer.text) >= int(transfer["amount"])


def test_a_sandbox_that_cannot_start_is_told_in_one_line(tmp_path: Path):
    (tmp_path / "casper_dash.sandbox.journal").write_text("no journal\n")

    told = _fails(tmp_path)

    assert told[-1] == (
        "casper_dash: process 'sandbox' ended 3 times within a minute,"
        " the last time with exit code 1"
    )


def test_a_database_that_is_away_is_told_in_one_line(tmp_path: Path):
    told = _fails(tmp_path, DATABASE_URL="mysql+pymysql://u:p@127.0.0.1:1/x")

    assert len(told) == 1
    assert told[0].startswith("casper_dash: database mysql+pymysql://u:***@127.0.0.1:1/x: Can't")


def test_a_used_port_is_told_in_one_line(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert _fails(tmp_path, PORT=str(port)) == [
            f"casper_dash: PORT: {port} is in use, or not ours to use"
        ]


def _fails(folder: Path, **environment: str) -> list[str]:
    """The lines of a run that cannot start."""
    port = str(_free_port())
    process = subprocess.run(
        [sys.executable, "-m", "casper_dash", "run"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PORT": port, **environment},
        capture_output=True,
        text=True,
        timeout=_START_S,
        check=False,
    )
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    return process.stderr.splitlines()


def _await_block(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0].decode()
        try:
            if httpx.get(f"{address}/api/v1/blocks", params={"limit": "1"}).json()["data"]:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"no block within {_START_S} s")


def _block(address: str, name: str) -> dict[str, object]:
    return httpx.get(f"{address}/api/v1/blocks/{name}").json()


def _height(shown: str) -> int:
    return int(re.sub(r"\D", "", shown))


def _in_session(leader: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid,sid"], capture_output=True, text=True, check=True)
    rows = [line.split() for line in listed.stdout.splitlines()[1:]]
    return [int(pid) for pid, sid in rows if int(sid) == leader]


def _until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _told_until_the_end(process: subprocess.Popen[bytes]) -> str:
    process.terminate()
    return process.communicate(timeout=30)[0].decode()


def _listeners(port: int) -> list[int]:
    """Processes that listen there."""
    return sorted(pid for pid, one in _listening() if one == port)


def _sandbox_port(session: int) -> int:
    """The lowest port that a process of the session listens on and others follow in a row."""
    ours = _in_session(session)
    ports = {port for pid, port in _listening() if pid in ours}
    return min(port for port in ports if {port + 1, port + 2} <= ports)


def _listening() -> list[tuple[int, int]]:
    """(process, port) of all TCP sockets that listen and are ours to see."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ports = {f"socket:[{row[9]}]": int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A"}
    found = []
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            port = ports.get(os.readlink(descriptor))
            if port is not None:
                found.append((int(descriptor.parts[2]), port))
    return found


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
