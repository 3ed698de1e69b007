"""The web server: granian in this process, the application in one worker below it."""

import os
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces, Loops

FRONT = "CASPER_DASH_FRONT"
"""Tells the worker which exported front end it serves; empty: the API alone."""


def serve(host: str, port: int, front_folder: Path | None) -> None:
    """Serves until SIGTERM."""
    os.environ[FRONT] = str(front_folder or "")
    Granian(
        "casper_dash.web:worker_app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        factory=True,
        log_enabled=False,
        respawn_failed_workers=True,
        websockets=False,
    ).serve()
