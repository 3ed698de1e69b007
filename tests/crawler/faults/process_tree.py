"""The processes of one `python -m crawler run`, to be killed."""

import os
import signal
from contextlib import suppress
from pathlib import Path


def workers(pid: int) -> list[int]:
    """The worker processes: a helper of the first process forks them."""
    return [worker for helper in _children(pid) for worker in _children(helper)]


def kill_all(pid: int) -> None:
    """As the end of its machine: every process of it is gone at once."""
    for each in [*workers(pid), *_children(pid), pid]:
        kill(each)


def kill(pid: int) -> None:
    """As kill -9; one that has just ended is none to kill."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            # the name in parentheses may hold anything
            state, parent = entry.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(entry.parent.name))
    return found
