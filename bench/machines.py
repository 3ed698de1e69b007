"""What benchmarks run against: databases, the sandbox's nodes, processes whose CPU is counted."""

import itertools
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

ROOT = Path(__file__).parents[1]
SERVER = "mysql+pymysql://root@127.0.0.1:3306"
_FIRST_PORT = 18800
_NUMBERS = itertools.count()
_SERVERS = ("mariadbd", "mysqld")


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Running sandbox nodes."""

    port: int
    nodes: int

    @property
    def urls(self) -> str:
        return ",".join(f"http://127.0.0.1:{self.port + n}/rpc" for n in range(self.nodes))

    @property
    def event_urls(self) -> str:
        return self.urls.replace("/rpc", "/events")

    def calls(self) -> dict[str, int]:
        """How often each method was asked so far, all nodes together."""
        sums: dict[str, int] = {}
        for node in self._control()["calls"]:
            for method, count in node.items():
                sums[method] = sums.get(method, 0) + count
        return sums

    def answer_bytes(self) -> int:
        """Bytes of all answers so far."""
        return int(sum(self._control()["answer_bytes"]))

    def be_away(self, latency_ms: int) -> None:
        """Lets every answer come that much later, as over a network."""
        self._control(json.dumps({"faults": {"latency_ms": latency_ms}}).encode())

    def show_up_to(self, height: int) -> None:
        """Lets every node be as far behind as that its head is block `height`."""
        behind = self._control()["height"] - height
        self._control(json.dumps({"faults": {"behind": behind}}).encode())

    def _control(self, order: bytes | None = None) -> Any:
        url = f"http://127.0.0.1:{self.port}/control"
        with urllib.request.urlopen(url, order, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def sandbox(*options: str, nodes: int = 4) -> Iterator[Sandbox]:
    """Sandbox nodes in a process of their own."""
    port = _free_ports(nodes)
    command = [sys.executable, "-m", "crawler", "sandbox", "--nodes", str(nodes)]
    command += ["--port", str(port), "--block-time-s", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield Sandbox(port, nodes)
        finally:
            process.terminate()


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Name → address of an empty database; MariaDB only where a server answers."""
    name = f"casper_dash_bench_{os.getpid()}_{next(_NUMBERS)}"
    with tempfile.TemporaryDirectory() as folder:
        found = {"SQLite": f"sqlite:///{folder}/bench.db"}
        server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
        try:
            with server.connect() as connection:
                connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
                connection.execute(text(f"CREATE DATABASE {name}"))
                found["MariaDB"] = f"{SERVER}/{name}"
        except DBAPIError:
            print("no MariaDB on 127.0.0.1:3306: SQLite alone is measured", file=sys.stderr)
        try:
            yield found
        finally:
            if "MariaDB" in found:
                with server.connect() as connection:
                    connection.execute(text(f"DROP DATABASE {name}"))
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


class Processes:
    """A command and everything that it started, looked at now and then. Source: proc(5)."""

    def __init__(self, leader: int) -> None:
        self._leader = leader
        self._cpu_s: dict[int, float] = {}
        self._peak_mib: dict[int, float] = {}
        self.peak_together_mib = 0.0
        """Largest sum of all at once; pages that they share count in each."""

    def look(self) -> float:
        """CPU seconds so far, of those that have ended too."""
        # children of a fork server are nobody's that could be waited for: they are looked at
        together = 0.0
        for pid, cpu_s, mib in _session(self._leader):
            self._cpu_s[pid] = cpu_s
            self._peak_mib[pid] = max(mib, self._peak_mib.get(pid, 0))
            together += mib
        self.peak_together_mib = max(self.peak_together_mib, together)
        return sum(self._cpu_s.values())

    @property
    def peak_mib(self) -> float:
        """The largest process's."""
        return max(self._peak_mib.values(), default=0)

    def memory_mib(self) -> float:
        """Of all together now, a page that several have counted once."""
        return sum(_proportional_mib(pid) for pid, _, _ in _session(self._leader))


def run(*command: str, **environment: str) -> Ended:
    """Runs `python -m …`, watching all its processes. Raises if it fails."""
    started = time.monotonic()
    process = _start(command, environment)
    processes = Processes(process.pid)
    while process.poll() is None:
        processes.look()
        time.sleep(0.1)
    seconds = time.monotonic() - started
    output = process.stdout.read() if process.stdout else ""
    assert process.returncode == 0, output
    return Ended(seconds, processes.look(), processes.peak_mib, output)


@contextmanager
def running(*command: str, **environment: str) -> Iterator[Processes]:
    """`python -m …` until the block ends."""
    process = _start(command, environment)
    try:
        yield Processes(process.pid)
    finally:
        process.terminate()
        process.communicate()


def _start(command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "LOG_LEVEL": "ERROR", **environment},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def server_cpu_s() -> float:
    """CPU seconds of this machine's database servers since they started."""
    return sum(_cpu_s(fields) for _, name, fields in _processes() if name in _SERVERS)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _free_ports(count: int) -> int:
    """The first of as many in a row."""
    # far from those of a benchmark that runs beside: nodes listen late, once their chain is made
    first = _FIRST_PORT + os.getpid() % 500 * 20
    while any(_listens(port) for port in range(first, first + count)):
        first += count
    return first


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _session(leader: int) -> Iterator[tuple[int, float, float]]:
    """Process id, CPU seconds and MiB of each process of a session."""
    for pid, _, fields in _processes():
        if int(fields[3]) == leader:
            mib = int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20
            yield pid, _cpu_s(fields), mib


def _processes() -> Iterator[tuple[int, str, list[str]]]:
    """Id, command's name and the fields after it, of every process."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            start, _, rest = (folder / "stat").read_text().rpartition(")")
        except OSError:  # it has ended meanwhile
            continue
        yield int(folder.name), start.partition("(")[2], rest.split()


def _proportional_mib(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it has ended meanwhile
        return 0
    (kib,) = re.findall(r"^Pss:\s+(\d+)", told, re.M)
    return int(kib) / 1024


def _cpu_s(fields: list[str]) -> float:
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
