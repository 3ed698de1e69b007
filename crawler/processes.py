"""Child processes that never outlive their parent, however it ends."""

import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing import connection, get_context, parent_process
from multiprocessing.context import ForkServerProcess
from typing import Any

_PATIENCE_S = 8.0
# one helper process imports what workers need, a second or two of CPU, and is forked for each
_context = get_context("forkserver")
_context.set_forkserver_preload(["crawler.workers"])


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
