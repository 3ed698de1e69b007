"""Child processes that never outlive their parent, however it ends."""

import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import connection, get_context, parent_process
from multiprocessing.context import ForkServerProcess
from typing import Any

import structlog

log = structlog.get_logger(__name__)

_PATIENCE_S = 8.0
_OFTEN_S = 60.0
_TOO_OFTEN = 3
# one helper process imports what workers need, a second or two of CPU, and is forked for each
_context = get_context("forkserver")
_context.set_forkserver_preload(["crawler.workers"])


class ProcessFailed(Exception):
    """A process ends again and again; the message is one line that names it."""


class KeptProcess:
    """A process that is started again when it has ended."""

    def __init__(self, name: str, target: Callable[..., None], *args: Any) -> None:
        self._name = name
        self._start = partial(start, name, target, *args)
        self._ends: list[float] = []
        self._process = self._start()

    def is_alive(self) -> bool:
        """Whether it runs now."""
        return self._process.is_alive()

    def watch(self) -> None:
        """Starts it again if it has ended; called again and again.

        Raises ProcessFailed at the third end within a minute.
        """
        if self.is_alive():
            return
        now, code = time.monotonic(), self._process.exitcode
        self._ends = [*(end for end in self._ends if now - end < _OFTEN_S), now]
        if len(self._ends) >= _TOO_OFTEN:
            raise ProcessFailed(
                f"process {self._name!r} ended {_TOO_OFTEN} times within a minute,"
                f" the last time with exit code {code}"
            )
        log.warning("process ended, started again", process=self._name, code=code)
        self._process = self._start()

    def stop(self) -> None:
        """Ends it for good."""
        stop([self._process])


def start(name: str, target: Callable[..., None], *args: Any) -> ForkServerProcess:
    """Runs `target(*args)` in a process that shares nothing with this one."""
    process = _context.Process(target=_run, args=(target, args), name=name)
    # Ctrl-C reaches the whole group at once, but the parent alone decides, and sends SIGTERM:
    # blocked here, it stays blocked in the child until _run leaves the group
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process


def stop(processes: list[ForkServerProcess]) -> None:
    """Asks all to end, waits, and kills those that do not."""
    for process in processes:
        if process.is_alive():
            process.terminate()
    deadline = time.monotonic() + _PATIENCE_S
    for process in processes:
        process.join(max(deadline - time.monotonic(), 0))
        if process.is_alive():
            process.kill()
            process.join()


def end_with_parent() -> None:
    """Ends this process when its parent has gone: a killed one cannot stop its children."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True, name="parent").start()


def _watch(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def _run(target: Callable[..., None], args: tuple[Any, ...]) -> None:
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with_parent()
    target(*args)
