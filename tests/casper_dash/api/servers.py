"""Servers as processes of their own, for what shows only between processes."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60


def free_port():
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(command, address, **environment):
    """The process, once it answers at the address; ended at the end, if it has not by itself."""
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment)
    try:
        _until_it_answers(address)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        finally:
            process.kill()


def api_server(port, **environment):
    """`casper_dash api`."""
    command = [sys.executable, "-m", "casper_dash", "api", "--port", str(port)]
    return running(command, f"http://127.0.0.1:{port}", **environment)


def _until_it_answers(address):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{address}/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers at {address}")
