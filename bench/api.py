"""Requests a second of the API over a long chain in MariaDB: one API process, wrk beside it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.figures import Figure
from bench.machines import ROOT, databases
from bench.seed import Size, account, digest, number, public_key, seed
from crawler.database import make_engine
from crawler.schema import upgrade
from crawler.settings import CrawlerSettings

SIZE = Size()
_CONNECTIONS = 50
_SECONDS = 6
_PATHS = 5_000
"""Different addresses of a random question: far more than are held ready at a time."""
_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def measure(size: Size = SIZE) -> Iterator[Figure]:
    """Each kind of question; random ones mostly miss the ready answers, fixed ones hit them."""
    if shutil.which("wrk") is None:
        print("no wrk: the API is not measured", file=sys.stderr)
        return
    with databases() as found:
        if "MariaDB" not in found:
            return
        began = time.monotonic()
        _fill(found["MariaDB"], size)
        yield Figure("API: seeding", time.monotonic() - began, "s")
        with _serving(found["MariaDB"]) as address:
            for name, paths in _questions(size).items():
                yield from _ask(name, address, paths)


def _fill(url: str, size: Size) -> None:
    engine = make_engine(CrawlerSettings(_env_file=None, database_url=url))
    upgrade(engine)
    engine.dispose()
    seed(url, size)


def _questions(size: Size) -> dict[str, Sequence[str]]:
    """Name → addresses below /api/v1, asked in turn."""
    heights = [number("height", n) % size.blocks for n in range(_PATHS)]
    eras = [number("era", n) % size.eras for n in range(_PATHS)]
    accounts = [account(20 + number("account", n) % (size.accounts - 20)) for n in range(_PATHS)]
    return {
        "/healthz": ["/healthz"],
        "block by height, random": _v1("blocks/{}", heights),
        "block by hash, random": _v1("blocks/{}", (digest("block", each) for each in heights)),
        "newest block": _v1("blocks/latest"),
        "switch blocks of a range, random, 10": _v1("blocks?switch=true&limit=10&to={}", heights),
        "blocks of a range, random, 100": _v1("blocks?limit=100&to={}", heights),
        "supply total, circulating": _v1("supply/total") + _v1("supply/circulating"),
        "era by id, random": _v1("eras/{}", eras),
        "newest eras, 100": _v1("eras?limit=100"),
        "newest eras, 1000": _v1("eras?limit=1000"),
        "era's transfers, random, 100": _v1("transfers?era={}", eras),
        "account's transfers, random": _v1("transfers?account={}", accounts),
        "account's transfers, busiest": _v1("transfers?account={}", [account(1)]),
        "largest transfers": _v1("transfers?sort=amount"),
        "account, random": _v1("accounts/{}", accounts),
        "flow of an era, random": _v1("flow?era={}", eras),
        "validators, 100": _v1("validators"),
        "rewards, 300 of 120,000": _v1("accounts/{}/rewards?limit=300", [public_key(1001)]),
        "rewards by month": _v1("accounts/{}/rewards?group=month", [public_key(1001)]),
        "prices, 1000": _v1("prices?limit=1000"),
        "series of 20,000 eras, random metric": _v1("series/{}", ["staked", "circulating_supply"]),
        "search, random": _v1("search?q={}", heights),
    }


def _v1(form: str, values: Iterator[object] | Sequence[object] = ("",)) -> list[str]:
    return [f"/api/v1/{form.format(value)}" for value in values]


def _ask(name: str, address: str, paths: Sequence[str]) -> Iterator[Figure]:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_script(paths))
        script.flush()
        options = ["-t1", f"-c{_CONNECTIONS}", f"-d{_SECONDS}s", "--timeout", "20s", "--latency"]
        output = subprocess.run(
            ["wrk", *options, "-s", script.name, address],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    assert "Non-2xx" not in output, (name, output)
    (rate,) = re.findall(r"Requests/sec:\s+([\d.]+)", output)
    yield Figure(f"API: {name}", float(rate), "requests/s")
    for share in ("50", "99"):
        ((value, unit),) = re.findall(rf"^\s+{share}%\s+([\d.]+)(\w+)$", output, re.M)
        yield Figure(f"API: {name}, p{share}", float(value) * _UNITS_MS[unit], "ms")


def _script(paths: Sequence[str]) -> str:
    listed = ",\n".join(f'"{path}"' for path in paths)
    return f"""
local paths = {{{listed}}}
local turn = 0
request = function()
  turn = turn % #paths + 1
  return wrk.format("GET", paths[turn])
end
"""


@contextmanager
def _serving(url: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "casper_dash", "api", "--port", str(port)]
    environment = {**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "WARNING", "NETWORK": "casper"}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            _wait(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the API does not start")
