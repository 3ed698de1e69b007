"""Blocks a second from the sandbox's nodes into each database, calls and CPU a block; check."""

import re
from collections.abc import Iterator

from bench.figures import Figure
from bench.machines import Sandbox, databases, run, sandbox

_BLOCKS = {"light": 20_000, "mixed": 8_000, "busy": 3_000}


def measure() -> Iterator[Figure]:
    """Every mixture into every database; start-up of the workers is inside the time."""
    for mixture, blocks in _BLOCKS.items():
        options = ("--height", str(blocks - 1), "--blocks-per-era", "220", "--mixture", mixture)
        with sandbox(*options) as nodes, databases() as found:
            for name, url in found.items():
                yield from _crawl(nodes, mixture, blocks, name, url)


def _crawl(nodes: Sandbox, mixture: str, blocks: int, name: str, url: str) -> Iterator[Figure]:
    asked = sum(nodes.calls().values())
    settings = {"RPC_NODES": nodes.urls, "NETWORK": "sandbox", "DATABASE_URL": url}
    crawl = run("crawler", "run", "--once", **settings)
    calls = sum(nodes.calls().values()) - asked
    case = f"crawl, {mixture}, {name}"
    yield Figure(case, blocks / crawl.seconds, "blocks/s")
    yield Figure(f"{case}: CPU", 1000 * crawl.cpu_s / blocks, "ms/block")
    yield Figure(f"{case}: largest process", crawl.peak_mib, "MiB")
    yield Figure(f"{case}: calls", calls / blocks, "calls/block")
    told = re.search(r" in ([\d.]+) s: no fault", run("crawler", "check", **settings).output)
    assert told is not None
    # what it says itself: a second or two of starting is no part of the proof
    yield Figure(f"check, {mixture}, {name}", blocks / float(told[1]), "blocks/s")
