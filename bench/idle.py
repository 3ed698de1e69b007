"""What following the head costs, and how late a new block is: a block every 8 seconds."""

import json
import statistics
import time
import urllib.request
from collections.abc import Callable, Iterator
from itertools import islice
from urllib.error import URLError

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError

from bench.figures import Figure
from bench.machines import Sandbox, databases, free_port, running, sandbox
from crawler.database import make_engine, read_session
from crawler.models.chain import BLOCK
from crawler.settings import CrawlerSettings

_BLOCKS = 8
_BLOCKS_BEFORE = 4
"""Until the jobs have caught up with this short chain too: balances, bids."""
_LOOK_S = 0.005
_PATIENCE_S = 60.0
_OPTIONS = ("--height", "200", "--blocks-per-era", "220", "--block-time-s", "8")


def measure() -> Iterator[Figure]:
    """Crawler and API, each in its processes; with the nodes' event streams and without."""
    for way in ("event streams", "statuses"):
        with sandbox(*_OPTIONS) as nodes, databases() as found:
            for name, url in found.items():
                yield from _idle(nodes, way, name, url)


def _idle(nodes: Sandbox, way: str, name: str, url: str) -> Iterator[Figure]:
    port = free_port()
    settings = {"DATABASE_URL": url, "NETWORK": "sandbox", "RPC_NODES": nodes.urls}
    settings |= {"METRICS_PORT": str(free_port()), "LOG_LEVEL": "ERROR"}
    settings["RPC_EVENT_URLS"] = nodes.event_urls if way == "event streams" else ""
    engine = make_engine(CrawlerSettings(_env_file=None, database_url=url))
    case = f"at the head, {way}, {name}"
    with (
        running("crawler", "run", **settings) as crawl,
        running("casper_dash", "api", "--port", str(port), **settings),
    ):
        heights = _heights(nodes)
        for height in islice(heights, _BLOCKS_BEFORE):
            _delays(engine, port, height)
        began, cpu_s, calls = time.monotonic(), crawl.look(), sum(nodes.calls().values())
        delays = [_delays(engine, port, height) for height in islice(heights, _BLOCKS)]
        seconds = time.monotonic() - began
        yield Figure(f"{case}: CPU", 100 * (crawl.look() - cpu_s) / seconds, "% of a core")
        asked = (sum(nodes.calls().values()) - calls) / seconds / nodes.nodes
        yield Figure(f"{case}: calls", asked, "calls/s to each node")
    engine.dispose()
    for place, column in (("database", 0), ("API", 1)):
        each_ms = [1000 * delay[column] for delay in delays]
        yield Figure(f"{case}: to the {place}, median", statistics.median(each_ms), "ms")
        yield Figure(f"{case}: to the {place}, longest", max(each_ms), "ms")


def _heights(nodes: Sandbox) -> Iterator[int]:
    """The height of each new block, at the moment in which nodes have it."""
    first = nodes.event_urls.partition(",")[0]
    with urllib.request.urlopen(first, timeout=_PATIENCE_S) as events:
        for line in events:
            if line.startswith(b"id:"):
                yield int(line.removeprefix(b"id:")) - 1


def _delays(engine: Engine, port: int, height: int) -> tuple[float, float]:
    """Seconds from now until the database holds the block, and until the API's newest is it."""
    began = time.monotonic()
    held_s = _wait(lambda: _newest_held(engine) >= height, began)
    return held_s, _wait(lambda: _newest_answered(port) >= height, began)


def _wait(arrived: Callable[[], bool], began: float) -> float:
    while not arrived():
        if time.monotonic() - began > _PATIENCE_S:
            raise TimeoutError("the crawl does not come to the head")
        time.sleep(_LOOK_S)
    return time.monotonic() - began


def _newest_held(engine: Engine) -> int:
    try:
        with read_session(engine) as session:
            newest = session.execute(select(func.max(BLOCK.height))).scalar()
    except DBAPIError:  # the crawler has not made its tables yet
        return -1
    return -1 if newest is None else newest


def _newest_answered(port: int) -> int:
    try:
        url = f"http://127.0.0.1:{port}/api/v1/blocks/latest"
        with urllib.request.urlopen(url, timeout=2) as answer:
            return int(json.load(answer)["height"])
    except (URLError, OSError):  # it has not started yet
        return -1
