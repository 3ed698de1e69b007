"""What benchmarks run against: databases, the sandbox's nodes, processes whose CPU is counted."""

import json
import os
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
    """Of the process and of everything that it started."""
    peak_mib: float
    """The largest process's."""
    output: str


def run(*command: str, **environment: str) -> Ended:
    """Runs `python -m …`, watching all its processes. Raises if it fails."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "LOG_LEVEL": "ERROR", **environment},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    cpu_s: dict[int, float] = {}
    peak_mib: dict[int, float] = {}
    while process.poll() is None:
        # children of a fork server are nobody's that could be waited for: they are looked at
        for pid, cpu, mib in _session(process.pid):
            cpu_s[pid], peak_mib[pid] = cpu, max(mib, peak_mib.get(pid, 0))
        time.sleep(0.1)
    seconds = time.monotonic() - started
    output = process.stdout.read() if process.stdout else ""
    assert process.returncode == 0, output
    return Ended(seconds, sum(cpu_s.values()), max(peak_mib.values(), default=0), output)


def _session(leader: int) -> Iterator[tuple[int, float, float]]:
    """Process id, CPU seconds and MiB of each process of a session. Source: proc(5)."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[3]) == leader:
            ticks = int(fields[11]) + int(fields[12])
            mib = int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20
            yield int(folder.name), ticks / os.sysconf("SC_CLK_TCK"), mib
