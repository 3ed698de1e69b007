"""This machine's loopback ports: whether one is free, and when it answers."""

import socket
import time
from collections.abc import Callable

HOST = "127.0.0.1"
_PATIENCE_S = 60.0


class NoAnswer(Exception):
    """A server that was started does not answer; the message is one line."""


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
