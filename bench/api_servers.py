"""Servers as processes on one core: the API, an empty route to compare it with, nginx before it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.machines import ROOT, free_port

_PATIENCE_S = 60
_EMPTY = """
from granian import Granian
from granian.constants import Interfaces, Loops
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route


async def nothing(request):
    return Response(b"")


def app():
    return Starlette(routes=[Route("/", nothing)])


if __name__ == "__main__":
    # as casper_dash/server.py has it
    Granian("empty:app", port={port}, interface=Interfaces.ASGI, loop=Loops.uvloop,
            factory=True, log_enabled=False, websockets=False).serve()
"""
_NGINX = """
daemon off;
master_process off;
error_log {folder}/error.log warn;
pid {folder}/nginx.pid;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_cache_path {folder}/cache keys_zone=api:8m;
    upstream api {{ server 127.0.0.1:{upstream}; keepalive 16; }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 1000000;
        location / {{
            proxy_pass http://api;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_cache api;
            proxy_cache_lock on;
            proxy_cache_use_stale updating;
            proxy_cache_background_update on;
            # a second for everything, whatever the answer says of itself
            proxy_ignore_headers Cache-Control Expires Vary;
            proxy_cache_valid 200 1s;
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and what started it."""

    address: str
    process: subprocess.Popen[bytes]

    def worker(self) -> int:
        """Process id of the one that answers: the last child, where there is any."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int((children.split() or [self.process.pid])[-1])


def pinned(*command: str, core: int) -> list[str]:
    """The command on that core alone, counted from the last one if it is negative."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1 or shutil.which("taskset") is None:
        return list(command)
    return ["taskset", "-c", str(cores[core]), *command]


@contextmanager
def api(url: str, *, cache_mib: int = 64) -> Iterator[Server]:
    """`casper_dash api` over a database, its one worker on the first core."""
    port = free_port()
    command = [sys.executable, "-m", "casper_dash", "api", "--port", str(port)]
    environment = {
        "DATABASE_URL": url,
        "API_CACHE_MIB": str(cache_mib),
        "LOG_LEVEL": "WARNING",
        "NETWORK": "casper",
    }
    with _running(command, port, ROOT, environment) as server:
        yield server


@contextmanager
def empty_route() -> Iterator[Server]:
    """The same server with nothing to do, on the same core."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "empty.py").write_text(_EMPTY.replace("{port}", str(port)))
        with _running([sys.executable, "empty.py"], port, Path(folder), {}) as server:
            yield server


@contextmanager
def nginx(upstream: Server) -> Iterator[Server]:
    """An edge that holds each answer for a second, on the first core as well."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "nginx.conf"
        upstream_port = upstream.address.rpartition(":")[2]
        file.write_text(_NGINX.format(folder=folder, upstream=upstream_port, port=port))
        command = ["nginx", "-c", str(file), "-p", folder]
        with _running(command, port, Path(folder), {}) as server:
            yield server


@contextmanager
def _running(
    command: list[str], port: int, folder: Path, environment: dict[str, str]
) -> Iterator[Server]:
    with subprocess.Popen(
        pinned(*command, core=0), cwd=folder, env={**os.environ, **environment}
    ) as process:
        try:
            _wait(port)
            yield Server(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()


def _wait(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("a server does not start")
