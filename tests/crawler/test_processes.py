"""Child processes end with their parent, and when they are told to."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crawler import processes

ROOT = Path(__file__).parents[2]
PARENT = """
import time
from crawler import processes

if __name__ == "__main__":
    print(processes.start("child", time.sleep, 60).pid, flush=True)
    time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def gone(pid: int, *, within_s: float = 20) -> bool:
    deadline = time.monotonic() + within_s
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_child_ends_when_its_parent_was_killed(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    with parent:
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
    try:
        assert gone(child)
    finally:
        if is_alive(child):
            os.kill(child, signal.SIGKILL)


def be_stubborn(ready: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Path(ready).touch()
    time.sleep(60)


def announce(ready: str) -> None:
    Path(ready).touch()
    time.sleep(60)


def started(target, ready: Path):
    process = processes.start("test", target, str(ready))
    deadline = time.monotonic() + 30
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return process


def test_stopping_ends_all_also_those_that_do_not_listen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(processes, "_PATIENCE_S", 0.5)
    obedient, stubborn = started(announce, tmp_path / "a"), started(be_stubborn, tmp_path / "b")
    processes.stop([obedient, stubborn])

    assert (obedient.exitcode, stubborn.exitcode) == (-signal.SIGTERM, -signal.SIGKILL)


def test_ctrl_c_is_the_parents_business(tmp_path: Path):
    process = started(announce, tmp_path / "ready")
    os.kill(process.pid, signal.SIGINT)
    process.join(0.3)

    assert process.is_alive()
    processes.stop([process])


def end(ends: str) -> None:
    with Path(ends).open("a") as file:
        file.write("end\n")


def watch_until_it_ended(kept: processes.KeptProcess, ends: Path, times: int) -> None:
    deadline = time.monotonic() + 30
    while kept.is_alive() or not ends.exists() or ends.read_text().count("end") < times:
        assert time.monotonic() < deadline
        kept.watch()
        time.sleep(0.02)


def test_a_kept_process_is_started_again_until_it_ends_too_often(tmp_path: Path):
    ends = tmp_path / "ends"
    kept = processes.KeptProcess("brief", end, str(ends))
    watch_until_it_ended(kept, ends, 3)

    with pytest.raises(processes.ProcessFailed, match=r"^process 'brief' ended 3 times within a"):
        kept.watch()
    assert ends.read_text().count("end") == 3


def test_ends_far_from_each_other_are_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(processes, "_OFTEN_S", 0)
    ends = tmp_path / "ends"
    kept = processes.KeptProcess("brief", end, str(ends))

    watch_until_it_ended(kept, ends, 4)
