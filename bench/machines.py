"""What benchmarks run against: databases, the sandbox's nodes, processes whose CPU is counted."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

ROOT = Path(__file__).parents[1]
_SERVER = "mysql+pymysql://root@127.0.0.1:3306"
_FIRST_PORT = 18800


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Running sandbox nodes."""

    port: int
    nodes: int

    @property
    def urls(self) -> str:
        return ",".join(f"http://127.0.0.1:{self.port + n}/rpc" for n in range(self.nodes))

    def calls(self) -> dict[str, int]:
        """How often each method was asked so far, all nodes together."""
        sums: dict[str, int] = {}
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/control", timeout=10) as answer:
            for node in json.load(answer)["calls"]:
                for method, count in node.items():
                    sums[method] = sums.get(method, 0) + count
        return sums


@contextmanager
def sandbox(*options: str, nodes: int = 4) -> Iterator[Sandbox]:
    """Sandbox nodes in a process of their own."""
    command = [sys.executable, "-m", "crawler", "sandbox", "--nodes", str(nodes)]
    command += ["--port", str(_FIRST_PORT), "--block-time-s", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield Sandbox(_FIRST_PORT, nodes)
        finally:
            process.terminate()


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Name → address of an empty database; MariaDB only where a server answers."""
    with tempfile.TemporaryDirectory() as folder:
        found = {"SQLite": f"sqlite:///{folder}/bench.db"}
        server = create_engine(_SERVER, isolation_level="AUTOCOMMIT")
        try:
            with server.connect() as connection:
                connection.execute(text("DROP DATABASE IF EXISTS casper_dash_bench"))
                connection.execute(text("CREATE DATABASE casper_dash_bench"))
                found["MariaDB"] = f"{_SERVER}/casper_dash_bench"
        except DBAPIError:
            print("no MariaDB on 127.0.0.1:3306: SQLite alone is measured", file=sys.stderr)
        yield found
        if "MariaDB" in found:
            with server.connect() as connection:
                connection.execute(text("DROP DATABASE casper_dash_bench"))
        server.dispose()


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that ran to its end."""

    seconds: float
    cpu_s: float
    """Of the process and of all that it waited for."""
    peak_mib: float
    """The largest process's."""
    output: str


def run(*command: str, **environment: str) -> Ended:
    """Runs `python -m …` in an empty folder's settings. Raises if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "LOG_LEVEL": "WARNING", **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Ended(seconds, cpu_s, after.ru_maxrss / 1024, done.stdout)
