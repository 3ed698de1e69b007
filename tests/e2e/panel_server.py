"""The admin panel as `casper_dash run` serves it: granian and its worker, on a test's database."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, insert, update

from casper_dash.auth import sessions
from casper_dash.auth.models import PERSON, Person
from casper_dash.auth.roles import Role
from casper_dash.export import PANEL, ROOT, ensure_built
from casper_dash.ports import await_answer
from crawler.database import transact
from crawler.schema import upgrade
from tests.databases import engine_of

FOLDER = ROOT / ".build" / "panel"
_SERVE = """
import sys
from pathlib import Path
from casper_dash.server import serve
serve("127.0.0.1", int(sys.argv[1]), None, Path(sys.argv[2]))
"""


@dataclass
class PanelServer:
    """A running panel."""

    engine: Engine
    port: int
    settings: dict[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serves until `stop`."""
        command = [sys.executable, "-c", _SERVE, str(self.port), str(FOLDER)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | self.settings, stdout=subprocess.DEVNULL
        )
        await_answer(self.port, self._alive)

    def stop(self) -> None:
        """As an operator stops it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)

    def person(self, name: str, role: Role) -> str:
        """The session token of a new person, signed in."""
        now = datetime.now(UTC)
        row = {
            "id": secrets.token_urlsafe(16),
            "email": f"{name}@example.org",
            "name": name,
            "role": str(role),
            "state": "active",
            "created_at": now,
        }
        client = sessions.Client("127.0.0.1", "test")
        transact(self.engine, lambda session: session.execute(insert(Person).values(row)) and None)
        return transact(
            self.engine,
            lambda session: sessions.begin(session, row["id"], client, now, over_tls=False),
        )

    def dismiss(self, name: str) -> None:
        """The person may not sign in any more."""
        change = update(Person).where(PERSON.name == name).values(state="deactivated")
        transact(self.engine, lambda session: session.execute(change) and None)

    def _alive(self) -> None:
        assert self.process is not None
        assert self.process.poll() is None


@contextmanager
def panel_server(folder: Path, *, pages: bool = True) -> Iterator[PanelServer]:
    """Serves the panel on a new SQLite database in `folder`; its `pages` are built unless they
    are, its socket needs none."""
    if pages:
        ensure_built(FOLDER, PANEL)
    engine = engine_of(f"sqlite:///{folder / 'panel.db'}")
    upgrade(engine)
    port = _free_port()
    settings = {
        "DATABASE_URL": f"sqlite:///{folder / 'panel.db'}",
        "NETWORK": "sandbox",
        "RPC_NODES": "",
        "ADMIN_URL": f"http://127.0.0.1:{port}/admin",
        "SECRET_KEY": secrets.token_hex(24),
    }
    server = PanelServer(engine, port, settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        engine.dispose()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
