"""The folder that a crawl's processes count in goes with the process that made it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARE = "import os, sys, time; from crawler import telemetry; telemetry.share()\n"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "PROMETHEUS" not in name}
    return kept | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}


def folders(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.glob("casper-dash-metrics-*"))


def test_the_folder_is_removed_at_the_end_but_not_by_a_forked_child(
    environment: dict[str, str], tmp_path: Path
):
    script = SHARE + (
        "child = os.fork()\n"
        "if child == 0: sys.exit()\n"  # unlike os._exit this does what is registered
        "os.waitpid(child, 0)\n"
        "print(os.path.isdir(os.environ['PROMETHEUS_MULTIPROC_DIR']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout == "True\n"
    assert folders(tmp_path) == []


def test_what_a_killed_process_left_is_removed_by_the_next_and_a_living_ones_stays(
    environment: dict[str, str], tmp_path: Path
):
    command = [sys.executable, "-c", SHARE + "print('ready', flush=True); time.sleep(60)"]
    with (
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as killed,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as living,
    ):
        for process in (killed, living):
            process.stdout.readline()
        assert len(folders(tmp_path)) == 2
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        subprocess.run([sys.executable, "-c", SHARE], env=environment, check=True)
        left = folders(tmp_path)
        living.terminate()

        assert [f"-{living.pid}-" in folder.name for folder in left] == [True]
