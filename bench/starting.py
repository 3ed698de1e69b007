"""How long a start takes, and how much the page weighs."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from urllib.error import URLError

from bench.figures import Figure
from bench.machines import ROOT
from casper_dash.export import ensure_built

_PATIENCE_S = 120


def measure() -> Iterator[Figure]:
    """`casper_dash run` to its first block, on an empty and on a filled database; `api`; page."""
    front = ROOT / ".build" / "front"
    ensure_built(front)
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/start.db"
        first = "/api/v1/blocks?limit=1"
        for name in ("first start to the first block", "later start to the first block"):
            yield Figure(name, _start(["run"], first, DATABASE_URL=database), "s")
        port = _free_port()
        seconds = _start(["api", "--port", str(port)], first, port, DATABASE_URL=database)
        yield Figure("api alone to the first block", seconds, "s")
    weight = sum(file.stat().st_size for file in front.rglob("*.br"))
    yield Figure("everything exported, compressed", weight / 1024, "KiB")


def _start(command: list[str], path: str, port: int | None = None, **environment: str) -> float:
    chosen = port or _free_port()
    environment = {**os.environ, "LOG_LEVEL": "WARNING", "PORT": str(chosen), **environment}
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "casper_dash", *command], cwd=ROOT, env=environment
    ) as process:
        try:
            while b"height" not in _get(f"http://127.0.0.1:{chosen}{path}"):
                assert process.poll() is None
                assert time.monotonic() - started < _PATIENCE_S
                time.sleep(0.05)
            return time.monotonic() - started
        finally:
            process.terminate()


def _get(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bytes(answer.read())
    except (URLError, OSError):
        return b""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
