"""What the crawl's processes take while a million blocks are still to come."""

import time
from collections.abc import Iterator

from bench.figures import Figure
from bench.machines import databases, free_port, running, sandbox

_TO_GO = 1_000_000
_SECONDS = 20.0
_LOOK_S = 0.5
_WORKERS = (2, 4)


def measure() -> Iterator[Figure]:
    """Peaks of the first seconds, in which everything is planned and the crawl at full speed."""
    options = ("--height", str(_TO_GO - 1), "--blocks-per-era", "220")
    with sandbox(*options) as nodes:
        for workers in _WORKERS:
            with databases() as found:
                for name, url in found.items():
                    settings = {"RPC_NODES": nodes.urls, "NETWORK": "sandbox", "DATABASE_URL": url}
                    settings |= {"CRAWL_WORKERS": str(workers), "METRICS_PORT": str(free_port())}
                    yield from _crawl(f"memory, {workers} workers, {name}", settings)


def _crawl(case: str, settings: dict[str, str]) -> Iterator[Figure]:
    together_mib = 0.0
    with running("crawler", "run", **settings) as crawl:
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            crawl.look()
            together_mib = max(together_mib, crawl.memory_mib())
            time.sleep(_LOOK_S)
    yield Figure(f"{case}: all processes", together_mib, "MiB")
    yield Figure(f"{case}: the same, shared pages in each", crawl.peak_together_mib, "MiB")
    yield Figure(f"{case}: largest process", crawl.peak_mib, "MiB")
