"""Child processes that never outlive their parent, however it ends."""

import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from typing import Any

_LOOK_S = 0.5
_PATIENCE_S = 8.0
_context = get_context("spawn")


def start(name: str, target: Callable[..., None], *args: Any) -> SpawnProcess:
    """Runs `target(*args)` in a fresh interpreter."""
    process = _context.Process(target=_run, args=(target, args), name=name)
    process.start()
    return process


def stop(processes: list[SpawnProcess]) -> None:
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
    """Ends this process soon after its parent has gone: killed ones cannot stop their children."""
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True, name="parent").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)


def _run(target: Callable[..., None], args: tuple[Any, ...]) -> None:
    # Ctrl-C reaches the whole group at once; the parent alone decides, and sends SIGTERM
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    target(*args)
