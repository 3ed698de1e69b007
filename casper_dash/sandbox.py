"""The bundled sandbox network beside a one-machine run, so that a first run needs no node."""

import argparse
import contextlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from casper_dash.ports import HOST, NoFreePort, await_answer, kept_ports
from casper_dash.settings import AppSettings
from crawler import processes
from crawler.database import DatabaseUnusable, explain, read_session
from crawler.models.work import CRAWL_STATE
from crawler.sandbox import command
from crawler.settings import SettingsError

_NODES = 3
_PORTS = range(17777, 18778)


def wanted(settings: AppSettings) -> bool:
    """Whether these settings follow the bundled sandbox network and name no node of it."""
    return settings.network_name == "sandbox" and not settings.rpc_nodes


@contextmanager
def sandbox_nodes(
    settings: AppSettings, engine: Engine
) -> Iterator[tuple[AppSettings, Callable[[], None]]]:
    """Serves the network until the block ends; the settings with its nodes, and its watch, to be
    called again and again.

    Its journal lies beside the database: after a restart the chain goes on where it was. Both
    raise DatabaseUnusable when the journal of the chain that the database holds is gone.
    """
    journal = _journal(settings)
    _refuse_another_chain(journal, engine)
    try:
        with kept_ports(_NODES, _PORTS) as port, _serving(port, journal, engine) as watch:
            urls = tuple(f"http://{HOST}:{port + number}/rpc" for number in range(_NODES))
            yield settings.model_copy(update={"rpc_nodes": urls, "network": "sandbox"}), watch
    except NoFreePort as error:
        raise SettingsError(f"sandbox's nodes: {error}") from error


@contextmanager
def _serving(port: int, journal: Path, engine: Engine) -> Iterator[Callable[[], None]]:
    process = processes.KeptProcess("sandbox", _serve, _options(port, journal))

    def watch() -> None:
        if not process.is_alive():
            _refuse_another_chain(journal, engine)
        process.watch()

    try:
        await_answer(port, watch)
        yield watch
    finally:
        process.stop()


def _refuse_another_chain(journal: Path, engine: Engine) -> None:
    if not journal.exists() and _holds_a_chain(engine):
        raise DatabaseUnusable(
            f"{journal} is gone, and without it the sandbox is another chain than the database"
            " holds: put it back, or begin with a new database"
        )


def _journal(settings: AppSettings) -> Path:
    url = make_url(settings.database_url)
    file = Path(url.database or "")
    folder = file.parent if url.get_backend_name() == "sqlite" else Path()
    return folder / f"{file.stem}.sandbox.journal"


def _holds_a_chain(engine: Engine) -> bool:
    try:
        if not inspect(engine).has_table("crawl_state"):
            return False
        with read_session(engine) as session:
            return session.execute(select(CRAWL_STATE.head_height)).scalar() is not None
    except DBAPIError as error:
        raise DatabaseUnusable(explain(error, engine)) from error


def _options(port: int, journal: Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    arguments = ["--nodes", _NODES, "--port", port, "--journal", journal]
    return parser.parse_args([str(argument) for argument in arguments])


def _serve(options: argparse.Namespace) -> None:
    # its "ready" is for whoever starts it by hand
    with contextlib.redirect_stdout(io.StringIO()):
        raise SystemExit(command.run(options))
