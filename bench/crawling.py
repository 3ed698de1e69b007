"""Blocks a second from the sandbox's nodes into each database, and what a block costs; check."""

import re
from collections.abc import Iterator

from bench.figures import Figure
from bench.machines import Ended, Sandbox, databases, run, sandbox

_BLOCKS = {"light": 20_000, "mixed": 8_000, "busy": 3_000}
_FAR_BLOCKS, _FAR_NODES, _FAR_MS = 12_000, 8, 50


def measure() -> Iterator[Figure]:
    """Every mixture into every database, then nodes that are far away.

    Start-up of the workers is inside the time.
    """
    for mixture, blocks in _BLOCKS.items():
        with sandbox(*_options(mixture, blocks)) as nodes, databases() as found:
            for name, url in found.items():
                case = f"crawl, {mixture}, {name}"
                yield from _crawl(nodes, blocks, case, url)
                yield _check(nodes, blocks, f"check, {mixture}, {name}", url)
    with (
        sandbox(*_options("light", _FAR_BLOCKS), nodes=_FAR_NODES) as nodes,
        databases() as found,
    ):
        nodes.be_away(_FAR_MS)
        case = f"crawl, light, SQLite, {_FAR_NODES} nodes at {_FAR_MS} ms"
        yield from _crawl(nodes, _FAR_BLOCKS, case, found["SQLite"])


def _options(mixture: str, blocks: int) -> tuple[str, ...]:
    return ("--height", str(blocks - 1), "--blocks-per-era", "220", "--mixture", mixture)


def _crawl(nodes: Sandbox, blocks: int, case: str, url: str) -> Iterator[Figure]:
    calls_before, bytes_before = nodes.calls(), nodes.answer_bytes()
    crawl = _run(nodes, url, "run", "--once")
    calls = {method: count - calls_before.get(method, 0) for method, count in nodes.calls().items()}
    yield Figure(case, blocks / crawl.seconds, "blocks/s")
    yield Figure(f"{case}: CPU", 1000 * crawl.cpu_s / blocks, "ms/block")
    yield Figure(f"{case}: largest process", crawl.peak_mib, "MiB")
    yield Figure(f"{case}: answers", (nodes.answer_bytes() - bytes_before) / blocks, "bytes/block")
    yield Figure(f"{case}: calls", sum(calls.values()) / blocks, "calls/block")
    for method, count in sorted(calls.items(), key=lambda item: -item[1]):
        yield Figure(f"{case}: {method}", count / blocks, "calls/block")


def _check(nodes: Sandbox, blocks: int, case: str, url: str) -> Figure:
    told = re.search(r" in ([\d.]+) s: no fault", _run(nodes, url, "check").output)
    assert told is not None
    # what it says itself: a second or two of starting is no part of the proof
    return Figure(case, blocks / float(told[1]), "blocks/s")


def _run(nodes: Sandbox, url: str, *command: str) -> Ended:
    settings = {"RPC_NODES": nodes.urls, "NETWORK": "sandbox", "DATABASE_URL": url}
    return run("crawler", *command, **settings)
