"""wrk against an address, and turns of it: what is compared is measured side by side."""

import re
import subprocess
import tempfile
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.api_servers import pinned

_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True)
class Case:
    """Requests to one server: `paths` in turn, or `form` with random numbers for its `%d`."""

    address: str
    paths: Sequence[str] = ()
    form: str = ""
    below: int = 1
    connections: int = 50
    least_s: int = 1
    """A turn is no shorter, where one answer takes long."""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk counted."""

    a_second: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Compared:
    """The median of a case's turns; `ratio` is that of the ratios within each round."""

    a_second: float
    p50_ms: float
    p99_ms: float
    ratio: float


def in_turn(
    yardstick: Case, cases: Mapping[str, Case], *, rounds: int, seconds: int
) -> dict[str, Compared]:
    """Every case in each round, the yardstick before and behind it: machines change their pace."""
    turns: dict[str, list[tuple[Load, float]]] = {name: [] for name in cases}
    for _ in range(rounds):
        before = ask(yardstick, 1).a_second
        for name, case in cases.items():
            load, behind = ask(case, seconds), ask(yardstick, 1).a_second
            turns[name].append((load, load.a_second / ((before + behind) / 2)))
            before = behind
    return {name: _median(found) for name, found in turns.items()}


def _median(found: Sequence[tuple[Load, float]]) -> Compared:
    return Compared(
        median(load.a_second for load, _ in found),
        median(load.p50_ms for load, _ in found),
        median(load.p99_ms for load, _ in found),
        median(ratio for _, ratio in found),
    )


def ask(case: Case, seconds: int) -> Load:
    """One turn of wrk. Raises if an answer is no success."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_script(case))
        script.flush()
        seconds = max(seconds, case.least_s)
        options = ["-t1", f"-c{case.connections}", f"-d{seconds}s", "--timeout", "20s"]
        command = pinned("wrk", *options, "--latency", "-s", script.name, case.address, core=-1)
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    _settle(case)
    for fault in ("Non-2xx", "Socket errors"):
        assert fault not in output, (case.form, case.paths[:1], output)
    (rate,) = re.findall(r"Requests/sec:\s+([\d.]+)", output)
    assert float(rate), (case.form, case.paths[:1], output)
    return Load(float(rate), *(_percentile(output, share) for share in ("50", "99")))


def _settle(case: Case) -> None:
    """Waits for one more answer: those that wrk did not wait for are worked on until then."""
    _get(case.address + (case.form.replace("%d", "1") if case.form else case.paths[0]))


def warm(case: Case) -> None:
    """Asks each path once, so that a cache holds them all."""
    for path in case.paths:
        _get(case.address + path)


def _get(url: str) -> None:
    with urllib.request.urlopen(url, timeout=120) as answer:
        answer.read()


def _percentile(output: str, share: str) -> float:
    ((value, unit),) = re.findall(rf"^\s+{share}%\s+([\d.]+)(\w+) *$", output, re.M)
    return float(value) * _UNITS_MS[unit]


def _script(case: Case) -> str:
    if case.form:
        number = f"math.random(0, {case.below - 1})"
        values = ", ".join([number] * case.form.count("%d"))
        path = f'string.format("{_quoted(case.form)}", {values})'
        return (
            f"math.randomseed(os.time())\n"
            f'request = function() return wrk.format("GET", {path}) end\n'
        )
    listed = ",\n".join(f'"{_quoted(path)}"' for path in case.paths)
    return f"""
local paths = {{{listed}}}
local turn = 0
request = function()
  turn = turn % #paths + 1
  return wrk.format("GET", paths[turn])
end
"""


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
