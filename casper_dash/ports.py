"""This machine's loopback ports: whether one is free, and when it answers."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HOST = "127.0.0.1"
_PATIENCE_S = 60.0


class NoAnswer(Exception):
    """A server that was started does not answer; the message is one line."""


class NoFreePort(Exception):
    """Every port that may be taken is in use; the message is one line."""


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        # a port whose last connections are still closing is free to a server
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


@contextmanager
def kept_ports(count: int, among: range) -> Iterator[int]:
    """The first of so many free ports in a row, which nobody else keeps until the block ends.

    Kept by listening on the port behind them: a server that is started again gives up its own for
    a moment, and one that has not started yet holds none. Raises NoFreePort.
    """
    for first in range(among.start, among.stop - count, count + 1):
        mark = _listening(first + count)
        if mark is None:
            continue
        with mark:
            if all(is_free(port) for port in range(first, first + count)):
                yield first
                return
    raise NoFreePort(f"no {count} free ports from {among.start} to {among.stop - 1}")


def _listening(port: int) -> socket.socket | None:
    """A socket that listens there; None where another one does."""
    try:
        return socket.create_server((HOST, port))
    except OSError:
        return None


def await_answer(port: int, meanwhile: Callable[[], None]) -> None:
    """Returns once something accepts connections; does `meanwhile` again and again until then.

    Raises NoAnswer after a minute without.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError as error:
            if time.monotonic() > deadline:
                raise NoAnswer(f"nothing answers at {HOST}:{port}: {error}") from error
            meanwhile()
            time.sleep(0.05)
        else:
            return
