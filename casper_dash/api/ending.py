"""Ends open event streams when the server is told to stop: it waits for every answer's end."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def before_sigterm(do: Callable[[], None]) -> Iterator[None]:
    """Calls `do` when SIGTERM comes, before the server is told.

    The server's own handler is replaced; it is the same for SIGINT, which is sent on instead.
    Only in the main thread, where signals are handled.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop() -> None:
        do()
        os.kill(os.getpid(), signal.SIGINT)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
