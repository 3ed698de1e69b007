"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable

PATIENCE_S = 30


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns as soon as it holds; fails the test when it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
