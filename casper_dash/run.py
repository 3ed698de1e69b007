"""`casper_dash run`: everything of one machine in one process group, what `make run` starts."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NoReturn

import structlog
from sqlalchemy import Engine

from casper_dash import sandbox
from casper_dash.auth.start import open_for_people
from casper_dash.export import PANEL, ExportError, ensure_built
from casper_dash.ports import HOST, await_answer, is_free
from casper_dash.server import serve
from casper_dash.settings import AppSettings
from crawler import processes, telemetry
from crawler.log import configure_logging
from crawler.network import Network
from crawler.progress import Display, show
from crawler.run import answering_metrics, crawling, prepare
from crawler.settings import SettingsError

log = structlog.get_logger(__name__)

FRONT = Path(__file__).parents[1] / ".build" / "front"
PANEL_FOLDER = FRONT.with_name("panel")
_SHOW_S = 1.0


def run(settings: AppSettings, network: Network, engine: Engine) -> None:
    """Crawls and serves on one address until SIGINT or SIGTERM; leaves no process behind.

    Raises SettingsError, DatabaseUnusable, ExportError or NoAnswer, with one line, when it cannot
    start, ProcessFailed when it cannot go on.
    """
    _refuse_used_port(settings.port)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _leave)
    telemetry.share()
    watches = []
    with ExitStack() as running:
        if sandbox.wanted(settings):
            settings, watch = running.enter_context(sandbox.sandbox_nodes(settings, engine))
            watches.append(watch)
        prepare(engine, network, settings)
        running.enter_context(open_for_people(engine, settings))
        _answer_metrics(running, engine, settings)
        running.enter_context(crawling(engine, network, settings))
        ensure_built(FRONT, api_url=settings.api_url)
        watches.append(running.enter_context(_serving(settings)))
        log.info("ready, open it in a browser", address=settings.public_url, network=network.title)
        running.enter_context(_building_panel(settings))
        display = running.enter_context(closing(Display()))
        while True:
            show(display, engine)
            for watch in watches:
                watch()
            time.sleep(_SHOW_S)


def _answer_metrics(running: ExitStack, engine: Engine, settings: AppSettings) -> None:
    # unlike a crawler-only server this one has other ways to be watched, and must start
    try:
        running.enter_context(answering_metrics(engine, settings))
    except SettingsError as error:
        log.warning("crawler's metrics are not served", reason=str(error))


def _leave(*_: object) -> NoReturn:
    """Ends wherever we are, a build included; what was begun is put away on the way out, once."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    raise SystemExit(0)


@contextmanager
def _serving(settings: AppSettings) -> Iterator[Callable[[], None]]:
    """Serves until the block ends; what is called again and again to keep it so."""
    # the sandbox's nodes are in no file that the server could read
    nodes = {"NETWORK": settings.network_name, "RPC_NODES": ",".join(settings.rpc_nodes)}
    server = processes.KeptProcess("web", serve, HOST, settings.port, FRONT, PANEL_FOLDER, nodes)
    try:
        await_answer(settings.port, server.watch)
        yield server.watch
    finally:
        server.stop()


@contextmanager
def _building_panel(settings: AppSettings) -> Iterator[None]:
    """Builds the panel beside what is served already, in a process that ends with the block."""
    building = processes.start("panel-build", build_panel, settings)
    try:
        yield
    finally:
        processes.stop([building])


def build_panel(settings: AppSettings) -> None:
    """What that process does. Without npm the panel stays unbuilt, and all else goes on."""
    configure_logging(settings.log_level, settings.log_format)
    try:
        ensure_built(PANEL_FOLDER, PANEL)
    except ExportError as error:
        log.error("admin panel is not built", reason=str(error))  # noqa: TRY400 (no bug of ours)


def _refuse_used_port(port: int) -> None:
    if not is_free(port):
        raise SettingsError(f"PORT: {port} is in use, or not ours to use")
