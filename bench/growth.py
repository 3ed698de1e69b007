"""Whether a block costs the same however many are held: some more at 10,000, 100,000, 1,000,000.

The blocks below are those that a crawl would have stored; the measured ones come from the nodes.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.figures import Figure
from bench.history import History, held
from bench.machines import Sandbox, databases, run, sandbox, server_cpu_s
from crawler.database import make_engine
from crawler.derive.progress import derive_all
from crawler.network import load_network
from crawler.run import prepare
from crawler.settings import CrawlerSettings

_LITTLE = 10_000
_HELD = (100_000, 1_000_000)
_MORE = 5_000
_TURNS = 2
_BLOCKS_PER_ERA = 220
_NETWORK = load_network("sandbox")


def measure() -> Iterator[Figure]:
    """Each step into every database, and beside it, in turns, one that holds little."""
    top = _HELD[-1] + _TURNS * _MORE - 1
    options = ("--height", str(top), "--blocks-per-era", str(_BLOCKS_PER_ERA))
    with sandbox(*options) as nodes, databases() as little, databases() as growing:
        crawls = {name: _Crawl(nodes, url) for name, url in growing.items()}
        beside = {name: _Crawl(nodes, url) for name, url in little.items()}
        history = History(_BLOCKS_PER_ERA)
        history.fill([crawl.engine for crawl in beside.values()], _LITTLE)
        for blocks in _HELD:
            history.fill([crawl.engine for crawl in crawls.values()], blocks)
            for name, crawl in crawls.items():
                yield from _step(blocks, name, crawl, beside[name])
        for crawl in (*crawls.values(), *beside.values()):
            crawl.engine.dispose()


def _step(blocks: int, name: str, crawl: "_Crawl", beside: "_Crawl") -> Iterator[Figure]:
    case = f"{blocks:,} held, {name}"
    yield Figure(f"{case}: eras, supply, depth of the new ones", crawl.work_out(), "s of CPU")
    beside.work_out()
    start_ms = beside.start_ms()
    own, other = [], []
    for _ in range(_TURNS):
        other.append(beside.go_on())
        own.append(crawl.go_on())
    yield Figure(f"{case}: crawled", statistics.median(each.rate for each in own), "blocks/s")
    for what, column in (("CPU", 0), ("CPU of the server", 1)):
        start = _TURNS * start_ms[column]
        mine, others = (sum(turn.cpu_ms[column] for turn in each) - start for each in (own, other))
        if mine:
            yield Figure(f"{case}: {what}, start aside", mine / _TURNS, "ms/block")
            yield Figure(f"{case}: {what}, against little held", mine / others, "times")


@dataclass(frozen=True, slots=True)
class _Turn:
    """Some more blocks, crawled by processes of their own."""

    rate: float
    cpu_ms: tuple[float, float]
    """A block's, of the crawl and of the database's server; its part of the start is inside."""


class _Crawl:
    """A database, and the crawl that fills it."""

    def __init__(self, nodes: Sandbox, url: str) -> None:
        self._nodes = nodes
        settings = {"rpc_nodes": nodes.urls, "network": "sandbox", "database_url": url}
        self._settings = {name.upper(): value for name, value in settings.items()}
        made = CrawlerSettings(_env_file=None, **settings)
        self.engine = make_engine(made)
        self._has_server = self.engine.dialect.name != "sqlite"
        prepare(self.engine, _NETWORK, made)

    def work_out(self) -> float:
        """CPU seconds for the figures of what was filled in."""
        began = time.process_time()
        derive_all(self.engine, _NETWORK)
        return time.process_time() - began

    def start_ms(self) -> tuple[float, float]:
        """What a crawl with nothing to do costs, spread over _MORE blocks."""
        return self._up_to(held(self.engine) - 1).cpu_ms

    def go_on(self) -> _Turn:
        """Crawls _MORE blocks above what is held."""
        return self._up_to(held(self.engine) + _MORE - 1)

    def _up_to(self, height: int) -> _Turn:
        self._nodes.show_up_to(height)
        server_s = server_cpu_s()
        crawl = run("crawler", "run", "--once", **self._settings)
        server_s = server_cpu_s() - server_s if self._has_server else 0
        cpu_ms = (1000 * crawl.cpu_s / _MORE, 1000 * server_s / _MORE)
        return _Turn(_MORE / crawl.seconds, cpu_ms)
