"""`python -m crawler sandbox`: serve the network until a signal ends it."""

import argparse
import asyncio
import contextlib
import gc
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import uvloop

from crawler.sandbox.chain import Chain
from crawler.sandbox.faults import Faults, Switch, parse_switches
from crawler.sandbox.journal import Journal, JournalError
from crawler.sandbox.parameters import MIXTURES, SMALLEST_UPGRADE_ERA, ChainParameters
from crawler.sandbox.server import HOST, Network

DEFAULT_HEIGHT = 1200
_MOST_NODES = 64
_LAST_PORT = 65535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options; a wrong value ends in argparse's one line."""
    defaults = ChainParameters()
    add = parser.add_argument
    add(
        "--nodes",
        type=_whole(1, _MOST_NODES),
        default=4,
        metavar="N",
        help="number of nodes, on consecutive ports (default 4)",
    )
    add(
        "--port",
        type=_whole(1, _LAST_PORT),
        default=17777,
        help="the first node's port, path /rpc (default 17777)",
    )
    add(
        "--seed",
        type=_whole(0),
        default=defaults.seed,
        help="another seed is another chain (default 1)",
    )
    add(
        "--height",
        type=_whole(0),
        default=DEFAULT_HEIGHT,
        help=f"height of the head at the start (default {DEFAULT_HEIGHT})",
    )
    add(
        "--block-time-s",
        type=_not_negative,
        default=5.0,
        metavar="S",
        help="seconds between new blocks; 0: no new blocks (default 5)",
    )
    add(
        "--blocks-per-era",
        type=_whole(2),
        default=defaults.blocks_per_era,
        metavar="N",
        help="blocks in an era (default 20)",
    )
    add(
        "--upgrade-era",
        type=_whole(SMALLEST_UPGRADE_ERA),
        default=defaults.upgrade_era,
        metavar="ERA",
        help="first era of protocol 2.0.0 (default 24)",
    )
    add(
        "--mixture",
        choices=MIXTURES,
        default=defaults.mixture,
        help="how much happens in a block (default light)",
    )
    add(
        "--latency-ms",
        type=_not_negative,
        default=0,
        metavar="MS",
        help="every answer comes this much later (default 0)",
    )
    add(
        "--qps",
        type=_whole(0),
        default=0,
        help="calls a second that a node answers, the rest is delayed; 0: no limit (default)",
    )
    add(
        "--faults",
        type=_faults,
        default=[],
        metavar="FAULTS",
        help="node:fault=value,… (* for all nodes), or the JSON that /control takes",
    )
    add(
        "--journal",
        type=Path,
        metavar="FILE",
        help="live blocks' times are kept here, so that a restart goes on with the same chain",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM. Returns the exit code; a mistake is one line on stderr."""
    try:
        return uvloop.run(_serve(options))
    except (JournalError, ValueError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"cannot serve on {HOST}, ports from {options.port}: {error.strerror}")


async def _serve(options: argparse.Namespace) -> int:
    chain, journal = _chain(options)
    # What is there by now stays: without this, each full collection looks at all of it again.
    gc.freeze()
    network = Network(chain, options.nodes, _LiveTime(chain, journal) if journal else None)
    for order in (Switch(Faults()), *options.faults):
        network.switch(_with_pace(order, options))
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    with contextlib.closing(journal) if journal else contextlib.nullcontext():
        try:
            await network.start(options.port, options.block_time_s)
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            await stopped.wait()
        finally:
            await network.stop()
    return 0


def _with_pace(order: Switch, options: argparse.Namespace) -> Switch:
    """An order with the pace that all nodes were given, where it names none of its own."""
    faults = msgspec.structs.replace(
        order.faults,
        latency_ms=order.faults.latency_ms or options.latency_ms,
        delay_qps=order.faults.delay_qps or options.qps,
    )
    return Switch(faults, order.node)


def _chain(options: argparse.Namespace) -> tuple[Chain, Journal | None]:
    """The chain up to its start, or up to where its journal says that it was."""
    parameters = ChainParameters(
        seed=options.seed,
        blocks_per_era=options.blocks_per_era,
        mixture=options.mixture,
        upgrade_era=options.upgrade_era,
    )
    if options.journal is None:
        chain = Chain(parameters)
        chain.advance(options.height)
        return chain, None
    history_ms = (options.height + 1) * parameters.block_interval_ms
    started = replace(parameters, genesis_time_ms=_now_ms() - history_ms)
    journal = Journal(options.journal, started, options.height)
    chain = Chain(journal.parameters)
    chain.advance(journal.height)
    for timestamp_ms in journal.live_times_ms:
        chain.add_block(timestamp_ms)
    return chain, journal


class _LiveTime:
    """The clock's time for the next block, noted in the journal before the block is seen."""

    def __init__(self, chain: Chain, journal: Journal) -> None:
        self._chain = chain
        self._journal = journal

    def __call__(self, _height: int) -> int:
        timestamp_ms = max(_now_ms(), self._chain.head.header.timestamp_ms + 1)
        self._journal.append(timestamp_ms)
        return timestamp_ms


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """A check of whole numbers between two bounds, both allowed."""

    def check(text: str) -> int:
        number = int(text) if text.removeprefix("-").isdecimal() else None
        if number is None or number < least or (most is not None and number > most):
            bounds = f"{least} or more" if most is None else f"{least} to {most}"
            raise argparse.ArgumentTypeError(f"expected a whole number, {bounds}, not {text!r}")
        return number

    return check


def _not_negative(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number, 0 or more, not {text!r}")
    return number


def _faults(text: str) -> list[Switch]:
    try:
        return parse_switches(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _fail(message: str) -> int:
    sys.stderr.write(f"crawler sandbox: {message}\n")
    return 1
