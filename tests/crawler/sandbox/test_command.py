import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from crawler.sandbox.command import add_arguments

COMMAND = """
import argparse, sys
from crawler.sandbox.command import add_arguments, run
parser = argparse.ArgumentParser(prog="sandbox")
add_arguments(parser)
sys.exit(run(parser.parse_args()))
"""
ROOT = Path(__file__).parents[3]


def free_port() -> int:
    """A port that was free a moment ago, and so was the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port


@contextmanager
def serving(*options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def refused(*options: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *options],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return done.returncode, done.stderr


def get(port: int) -> dict[str, Any]:
    return httpx.get(f"http://127.0.0.1:{port}/control").json()


def send(port: int, path: str, value: Any) -> dict[str, Any]:
    return httpx.post(f"http://127.0.0.1:{port}{path}", json=value).json()


def block_hash(port: int, height: int) -> str:
    call = {"id": 1, "method": "chain_get_block", "params": [{"Height": height}]}
    signed = send(port, "/rpc", call)["result"]["block_with_signatures"]
    return next(iter(signed["block"].values()))["hash"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_ready_once_it_answers_and_ends_cleanly_on_a_signal(number: signal.Signals):
    port = free_port()
    with serving("--port", str(port), "--nodes", "1", "--height", "30") as process:
        assert get(port)["height"] >= 30
        process.send_signal(number)
        output, errors = process.communicate(timeout=20)

    assert (process.returncode, output, errors) == (0, "", "")


def test_the_head_advances_by_itself():
    port = free_port()
    options = ("--nodes", "1", "--height", "30", "--block-time-s", "0.01")
    with (
        serving("--port", str(port), *options),
        httpx.stream("GET", f"http://127.0.0.1:{port}/events", timeout=20) as response,
    ):
        heard = [line for line, _ in zip(response.iter_lines(), range(9), strict=False)]

    assert sum("BlockAdded" in line for line in heard) >= 2


def test_options_reach_the_nodes():
    port = free_port()
    options = ("--height", "30", "--block-time-s", "0", "--latency-ms", "1", "--qps", "50")
    with serving("--port", str(port), "--nodes", "2", "--faults", "1:behind=7", *options):
        state = get(port)

    assert state["height"] == 30
    assert (state["faults"][0]["latency_ms"], state["faults"][0]["delay_qps"]) == (1, 50)
    assert (state["faults"][1]["behind"], state["faults"][1]["latency_ms"]) == (7, 1)


def test_a_port_in_use_is_one_line_and_exit_code_1():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, errors = refused("--port", str(taken.getsockname()[1]), "--nodes", "1")

    assert code == 1
    assert errors.count("\n") == 1
    assert "address already in use" in errors


def test_the_chain_goes_on_with_the_same_blocks_after_a_kill(tmp_path: Path):
    journal = str(tmp_path / "journal")
    port = free_port()
    options = ("--port", str(port), "--nodes", "1", "--height", "40", "--journal", journal)
    with serving(*options, "--block-time-s", "0"):
        send(port, "/control", {"advance": 25})
        before = [block_hash(port, height) for height in (0, 40, 52, 65)]
    with open(journal, "a") as torn:
        torn.write("17")

    with serving(*options, "--block-time-s", "0"):
        assert get(port)["height"] == 65
        assert [block_hash(port, height) for height in (0, 40, 52, 65)] == before
        assert send(port, "/control", {"advance": 1})["height"] == 66


def test_a_journal_of_another_chain_is_one_line_and_exit_code_1(tmp_path: Path):
    journal = tmp_path / "journal"
    journal.write_text("nothing\n")

    code, errors = refused("--journal", str(journal), "--height", "5")

    assert (code, errors) == (1, f"crawler sandbox: {journal} is no sandbox journal\n")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--nodes", "0"], "argument --nodes: expected a whole number, 1 to 64, not '0'"),
        (["--port", "http"], "argument --port: expected a whole number, 1 to 65535, not 'http'"),
        (["--blocks-per-era", "1"], "expected a whole number, 2 or more, not '1'"),
        (["--block-time-s", "-1"], "expected a number, 0 or more, not '-1'"),
        (["--latency-ms", "nan"], "expected a number, 0 or more, not 'nan'"),
        (["--mixture", "heavy"], "argument --mixture: invalid choice: 'heavy'"),
        (["--faults", "0:nothing"], "argument --faults: faults: Object contains unknown field"),
        (["--upgrade-era", "2"], "expected a whole number, 8 or more, not '2'"),
    ],
)
def test_a_wrong_option_is_named(
    options: list[str], reason: str, capsys: pytest.CaptureFixture[str]
):
    parser = argparse.ArgumentParser()
    add_arguments(parser)

    with pytest.raises(SystemExit):
        parser.parse_args(options)
    assert reason in capsys.readouterr().err


def test_every_option_has_a_help_text():
    parser = argparse.ArgumentParser()
    add_arguments(parser)

    assert all(action.help for action in parser._actions)
