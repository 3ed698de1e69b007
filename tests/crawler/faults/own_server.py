"""A MariaDB server of a test's own, which may be stopped and killed."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

_PATIENCE_S = 60
_NAME = "casper_dash"


class OwnServer:
    """A server with its data in `folder`; it keeps its port from start to start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        install = ["mariadb-install-db", "--no-defaults", f"--datadir={folder}/data", "--user=root"]
        install += ["--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, capture_output=True, timeout=_PATIENCE_S)

    @staticmethod
    def is_installed() -> bool:
        return all(map(shutil.which, ("mariadbd", "mariadb-install-db")))

    @property
    def url(self) -> str:
        """Of a database that is there after the first start."""
        return f"mysql+pymysql://root@127.0.0.1:{self._port}/{_NAME}"

    def start(self) -> None:
        """Returns when the server answers."""
        command = ["mariadbd", "--no-defaults", "--user=root", "--bind-address=127.0.0.1"]
        command += [f"--datadir={self._folder}/data", f"--port={self._port}"]
        command += [f"--socket={self._folder}/socket", f"--pid-file={self._folder}/pid"]
        log = (self._folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + _PATIENCE_S
        while not self._answers():
            assert time.monotonic() < deadline, (self._folder / "log").read_text()[-2000:]
            time.sleep(0.1)

    def stop(self) -> None:
        """As an operator stops it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_PATIENCE_S)

    def kill(self) -> None:
        """As kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_PATIENCE_S)

    def _answers(self) -> bool:
        server = create_engine(f"mysql+pymysql://root@127.0.0.1:{self._port}")
        try:
            with server.connect() as connection:
                connection.execute(text(f"CREATE DATABASE IF NOT EXISTS {_NAME}"))
        except OperationalError:
            return False
        finally:
            server.dispose()
        return True


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
