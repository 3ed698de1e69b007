"""What operators tune the crawl by: counts and times of all its processes, for Prometheus.

Every process writes into files of one folder (`share`), the main process adds them up and answers
`/metrics` (`metrics_server`). docs/operating.md names the setting that each figure moves with.
"""

import atexit
import hmac
import os
import resource
import shutil
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

Labelled = dict[tuple[tuple[str, str], ...], float]
"""Labels and their values → a gauge's value; the labels are the same for all."""
Gauges = dict[str, float | Labelled]
Ask = Callable[[], Gauges]

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_PREFIX = "casper-dash-metrics-"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

CALLS = Counter(
    "crawler_calls", "JSON-RPC calls, by what came of them", ["method", "node", "outcome"]
)
CALL_SECONDS = Histogram(
    "crawler_call_seconds", "Time of a call that was answered", ["method"], buckets=_SECONDS
)
IN_FLIGHT = Gauge(
    "crawler_calls_in_flight", "Calls sent and not answered", ["node"], multiprocess_mode="livesum"
)
WAITING = Gauge("crawler_calls_waiting", "Calls that wait for a place", multiprocess_mode="livesum")
RETRIES = Counter(
    "crawler_calls_retried", "Questions asked again, of another node or later", ["method"]
)
ANSWER_BYTES = Counter("crawler_answer_bytes", "Bytes of answers", ["node"])
BLOCKS_FETCHED = Counter("crawler_blocks_fetched", "Blocks fetched with all that belongs to them")
FETCH_SECONDS = Histogram(
    "crawler_fetch_seconds", "Time to fetch a batch of blocks", buckets=_SECONDS
)
BLOCKS_STORED = Counter("crawler_blocks_stored", "Blocks stored")
ROWS_WRITTEN = Counter("crawler_rows_written", "Rows of facts written", ["table"])
STORE_SECONDS = Histogram(
    "crawler_store_seconds", "Time to store a batch of blocks", buckets=_SECONDS
)
DERIVE_SECONDS = Histogram(
    "crawler_derive_seconds", "Time of a pass over derived figures", buckets=_SECONDS
)
ERAS_DERIVED = Counter("crawler_eras_derived", "Eras worked out, each time one is")
RANGES_FAILED = Counter("crawler_ranges_failed", "Ranges given back after an error", ["error"])
CONNECTIONS = Gauge(
    "crawler_database_connections",
    "Connections of the pool that are in use",
    multiprocess_mode="livesum",
)
MEMORY_BYTES = Gauge(
    "crawler_memory_bytes", "Largest memory of a process so far", multiprocess_mode="liveall"
)


def share() -> None:
    """Makes the folder that this process and all that it starts count in.

    To be called before any of them starts: the library looks for the folder when it is loaded.
    It is removed when this process ends; those of processes that were killed are removed here.
    """
    if _FOLDER in os.environ:
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        if not _is_anothers(folder.name.removeprefix(_PREFIX).partition("-")[0]):
            shutil.rmtree(folder, ignore_errors=True)
    os.environ[_FOLDER] = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")
    atexit.register(_remove, os.environ[_FOLDER], os.getpid())


def leave() -> None:
    """Counts apart from the process that started this one, for a server with figures of its own.

    To be called before whatever counts is loaded: only in processes started after it.
    """
    os.environ.pop(_FOLDER, None)


def _is_anothers(pid: str) -> bool:
    """Whether another process lives under this id; unless it is none, then nothing is known."""
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OverflowError, PermissionError):
        return True
    # in a container every start can have the same id
    return int(pid) != os.getpid()


def _remove(folder: str, owner: int) -> None:
    # a forked child has inherited this call
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def note_process(connections: int) -> None:
    """Takes this process's memory, and how many database connections are in use, into account."""
    CONNECTIONS.set(connections)
    MEMORY_BYTES.set(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def forget_process(pid: int) -> None:
    """Drops an ended process's gauges; its counts stay."""
    if _FOLDER in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]


class Standing(Collector):
    """Gauges that are asked for when they are scraped."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def collect(self) -> list[GaugeMetricFamily]:
        return [_family(name, value) for name, value in self._ask().items()]


def _family(name: str, value: float | Labelled) -> GaugeMetricFamily:
    if not isinstance(value, dict):
        return GaugeMetricFamily(name, name, value)
    labels = next(iter(value), ())
    family = GaugeMetricFamily(name, name, labels=[label for label, _ in labels])
    for place, each in value.items():
        family.add_metric([text for _, text in place], each)
    return family


def metrics_server(port: int, token: str, ask: Ask) -> ThreadingHTTPServer:
    """Answers `/metrics` and `/healthz` from a thread. Raises OSError where the port is taken.

    Without a token it listens on loopback only; with one, everywhere, and asks for it.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                self._answer(200, b"ok\n")
            elif self.path != "/metrics":
                self._answer(404, b"/metrics and /healthz are here\n")
            elif token and not _is_bearer(self.headers.get("Authorization", ""), token):
                self._answer(401, b"a bearer token is needed\n")
            else:
                self._answer(200, _exposition(ask))

        def log_message(self, format: str, *args: object) -> None:
            """Scrapes are no news."""

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("0.0.0.0" if token else "127.0.0.1", port), Handler)  # noqa: S104
    threading.Thread(target=server.serve_forever, daemon=True, name="metrics").start()
    return server


def _exposition(ask: Ask) -> bytes:
    registry = CollectorRegistry()
    if folder := os.environ.get(_FOLDER):
        Path(folder).mkdir(exist_ok=True)
        MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    registry.register(Standing(ask))
    return generate_latest(registry)


def _is_bearer(header: str, token: str) -> bool:
    return hmac.compare_digest(header.encode(), f"Bearer {token}".encode())
