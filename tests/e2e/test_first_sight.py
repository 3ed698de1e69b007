"""The whole of one machine, as `make run` starts it: sandbox, crawl, API and the exported page."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
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


def test_a_used_port_is_told_in_one_line(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = subprocess.run(
            [sys.executable, "-m", "casper_dash", "run"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PORT": str(port)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert process.returncode == 1
        assert process.stderr == f"casper_dash: PORT: {port} is in use, or not ours to use\n"


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
