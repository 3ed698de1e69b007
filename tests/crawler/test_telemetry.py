"""What the crawl's processes count: whose it is, where it is told, and when it goes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import Engine

from crawler import telemetry
from crawler.jobs import jobs
from crawler.progress import gauges
from crawler.settings import CrawlerSettings
from crawler.telemetry import _exposition
from tests.crawler.faults.own_server import free_port
from tests.crawler.test_node_orders import exchange, row

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


def test_gauges_with_labels_are_told_with_them():
    told = _exposition(
        lambda: {
            "crawler_failed": 0.0,
            "crawler_node_score": {(("node", "http://a/rpc?key=***"),): 7.0},
            "crawler_node_height": {},
        }
    ).decode()

    assert "\ncrawler_failed 0.0\n" in told
    assert '\ncrawler_node_score{node="http://a/rpc?key=***"} 7.0\n' in told


def test_figures_of_the_crawl_and_of_its_nodes_are_told_from_the_database(filled_sqlite: Engine):
    seen = row("one", height=7)
    exchange(filled_sqlite, "one", seen["seen_at"], seen)
    figures = gauges(filled_sqlite)

    assert figures["crawler_database_up"] == 1
    assert figures["crawler_blocks_missing"] == figures["crawler_lag_blocks"] == 0
    assert figures["crawler_node_height"] == {(("node", seen["url"]),): 7}


def test_every_job_has_its_row_in_the_operators_document(migrated_sqlite: Engine, network):
    document = (ROOT / "docs" / "operating.md").read_text("utf-8")
    listed = jobs(migrated_sqlite, network, CrawlerSettings(_env_file=None))

    assert {job.name for job in listed if f"`{job.name}`" not in document} == set()


def test_every_figure_has_its_row_in_the_operators_document():
    document = (ROOT / "docs" / "operating.md").read_text("utf-8")
    declared = {
        f"{value._name}_total" if isinstance(value, Counter) else value._name
        for value in vars(telemetry).values()
        if isinstance(value, Counter | Gauge | Histogram)
    }

    assert {name for name in declared if f"`{name}`" not in document} == set()


SERVING = """
import os, sys, time, urllib.request
from crawler import telemetry

telemetry.share()

from crawler import processes
from casper_dash.ports import await_answer
from casper_dash.server import serve

if __name__ == "__main__":
    port = int(sys.argv[1])
    web = processes.KeptProcess("web", serve, "127.0.0.1", port)
    try:
        await_answer(port, web.watch)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/network") as answer:
            answer.read()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            print("api_requests_total" in answer.read().decode())
        print("api_requests" in telemetry._exposition(dict).decode())
    finally:
        web.stop()
"""


def test_what_the_web_server_counts_is_its_own(
    environment: dict[str, str], tmp_path: Path, migrated_sqlite: Engine
):
    script = tmp_path / "serving.py"
    script.write_text(SERVING)
    done = subprocess.run(
        [sys.executable, str(script), str(free_port())],
        env=environment
        | {"DATABASE_URL": migrated_sqlite.url.render_as_string(), "NETWORK": "casper"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout.splitlines() == ["True", "False"]
