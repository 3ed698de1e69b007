"""What one API process on one core does over a long chain in MariaDB, beside an empty route.

The process has the first core, wrk the last, the database whatever is left. Ratios compare turns
of the same round, a few seconds apart: they hold on a busy machine, the figures themselves do not.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from math import exp, log

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from bench import api_older, api_questions, api_streams
from bench.api_data import seeded
from bench.api_load import Case, Compared, ask, in_turn, warm
from bench.api_servers import Server, api, empty_route, nginx
from bench.figures import Figure
from bench.machines import SERVER
from bench.seed import Size

SIZE = Size()
_ROUNDS = 2
_TURN_S = 2


def measure() -> Iterator[Figure]:
    """Every row that docs/performance.md has of the API."""
    if shutil.which("wrk") is None or not _has_server():
        print("no wrk, or no MariaDB on 127.0.0.1:3306: the API is not measured", file=sys.stderr)
        return
    with empty_route() as empty:
        yardstick = Case(empty.address, ["/"])
        began = time.monotonic()
        with seeded("api", SIZE) as url:
            yield Figure("API: seeding", time.monotonic() - began, "s")
            yield from _holding(url, yardstick)
            yield from _never_seen(url, yardstick)
        with seeded("older", api_older.SIZE) as url:
            yield from _beside_older(url, yardstick)


def _has_server() -> bool:
    try:
        create_engine(SERVER).connect().close()
    except DBAPIError:
        return False
    return True


def _holding(url: str, yardstick: Case) -> Iterator[Figure]:
    with api(url) as server:
        yield from api_streams.first_bytes(server, SIZE)
        even = Case(yardstick.address, ["/"], connections=100)
        cases = api_questions.held(server, SIZE)
        yield from _table("held", in_turn(even, cases, rounds=_ROUNDS, seconds=_TURN_S))
        yield from _edge(server)
        yield from api_streams.listeners(server, url, SIZE)


def _edge(server: Server) -> Iterator[Figure]:
    if shutil.which("nginx") is None:
        return
    with nginx(server) as edge:
        cases = api_questions.held(edge, SIZE)
        for name in ("newest block", "total supply"):
            ask(cases[name], 1)  # the first question, which all others wait for
            load = ask(cases[name], _TURN_S)
            yield Figure(f"API: behind nginx, {name}", load.a_second, "requests/s")
            yield Figure(f"API: behind nginx, {name}, p99", load.p99_ms, "ms")


def _never_seen(url: str, yardstick: Case) -> Iterator[Figure]:
    with api(url, cache_mib=0) as server:
        for name, questions in _QUESTIONS.items():
            cases = questions(server, SIZE)
            rounds = _ROUNDS if name == "row" else 1
            yield from _table(name, in_turn(yardstick, cases, rounds=rounds, seconds=_TURN_S))
        first, deep = in_turn(
            yardstick, api_questions.depths(server, SIZE), rounds=_ROUNDS, seconds=_TURN_S
        ).values()
        yield Figure("API: deep page, of the first's rate", deep.ratio / first.ratio, "x")
        yield from api_streams.whole_csv(server, SIZE)


_QUESTIONS: Mapping[str, Callable[[Server, Size], dict[str, Case]]] = {
    "row": api_questions.rows,
    "page": api_questions.pages,
}


def _table(kind: str, found: Mapping[str, Compared]) -> Iterator[Figure]:
    for name, compared in found.items():
        yield Figure(f"API: {kind}, {name}", compared.a_second, "requests/s")
        yield Figure(f"API: {kind}, {name}, of an empty route", compared.ratio, "x")
        yield Figure(f"API: {kind}, {name}, p99", compared.p99_ms, "ms")


def _beside_older(url: str, yardstick: Case) -> Iterator[Figure]:
    with api(url, cache_mib=0) as bare, api(url) as caching:
        for kind, server, again in (("without a cache", bare, False), ("held", caching, True)):
            cases = {
                name: row.case(server.address, again=again) for name, row in api_older.ROWS.items()
            }
            if again:
                for case in cases.values():
                    warm(case)
            found = in_turn(yardstick, cases, rounds=1, seconds=1)
            yield from _ratios(kind, found)


def _ratios(kind: str, found: Mapping[str, Compared]) -> Iterator[Figure]:
    ratios = {name: found[name].a_second / row.older for name, row in api_older.ROWS.items()}
    for name, ratio in ratios.items():
        yield Figure(f"API, older, {kind}: {name}", found[name].a_second, "requests/s")
        yield Figure(f"API, older, {kind}: {name}, of the older's", ratio, "x")
        yield Figure(f"API, older, {kind}: {name}, of an empty route", found[name].ratio, "x")
    mean = exp(sum(map(log, ratios.values())) / len(ratios))
    yield Figure(f"API, older, {kind}: geometric mean", mean, "x")
    yield Figure(f"API, older, {kind}: least", min(ratios.values()), "x")
