"""The bundled sandbox network beside a one-machine run, so that a first run needs no node."""

import argparse
import contextlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect, select
from sqlalchemy.engine import make_url

from casper_dash.ports import await_answer, is_free
from casper_dash.settings import AppSettings
from crawler import processes
from crawler.database import DatabaseUnusable, read_session
from crawler.models import CRAWL_STATE
from crawler.sandbox import command
from crawler.settings import SettingsError

_NODES = 3
_FIRST_PORT, _LAST_PORT = 17777, 18777


def wanted(settings: AppSettings) -> bool:
    """Whether these settings follow the bundled sandbox network and name no node of it."""
    return settings.network_name == "sandbox" and not settings.rpc_nodes


@contextmanager
def sandbox_nodes(settings: AppSettings, engine: Engine) -> Iterator[AppSettings]:
    """Serves the network until the block ends; the settings with its nodes.

    Its journal lies beside the database: after a restart the chain goes on where it was. Raises
    DatabaseUnusable when the journal of the chain that the database holds is gone.
    """
    journal = _journal(settings)
    if not journal.exists() and _holds_a_chain(engine):
        raise DatabaseUnusable(
            f"{journal} is gone, and without it the sandbox is another chain than the database"
            " holds: put it back, or begin with a new database"
        )
    port = _free_ports(_NODES)
    options = _options(port, journal)
    process = processes.start("sandbox", _serve, options)
    try:
        await_answer(port)
        urls = tuple(f"http://127.0.0.1:{port + number}/rpc" for number in range(_NODES))
        yield settings.model_copy(update={"network": settings.network_name, "rpc_nodes": urls})
    finally:
        processes.stop([process])


def _journal(settings: AppSettings) -> Path:
    url = make_url(settings.database_url)
    file = Path(url.database or "")
    folder = file.parent if url.get_backend_name() == "sqlite" else Path()
    return folder / f"{file.stem}.sandbox.journal"


def _holds_a_chain(engine: Engine) -> bool:
    if not inspect(engine).has_table("crawl_state"):
        return False
    with read_session(engine) as session:
        return session.execute(select(CRAWL_STATE.head_height)).scalar() is not None


def _options(port: int, journal: Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    arguments = ["--nodes", _NODES, "--port", port, "--journal", journal]
    return parser.parse_args([str(argument) for argument in arguments])


def _serve(options: argparse.Namespace) -> None:
    # its "ready" is for whoever starts it by hand
    with contextlib.redirect_stdout(io.StringIO()):
        raise SystemExit(command.run(options))


def _free_ports(count: int) -> int:
    for first in range(_FIRST_PORT, _LAST_PORT, count):
        if all(is_free(port) for port in range(first, first + count)):
            return first
    raise SettingsError(f"no free ports from {_FIRST_PORT} to {_LAST_PORT} for the sandbox's nodes")
