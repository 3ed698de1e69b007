"""The web server: granian in this process, the application in one worker below it."""

import os
from collections.abc import Mapping
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces, Loops

FRONT = "CASPER_DASH_FRONT"
"""Tells the worker which exported front end it serves; empty: the API alone."""


def serve(
    host: str, port: int, front_folder: Path | None, settings: Mapping[str, str] | None = None
) -> None:
    """Serves until SIGTERM. `settings`: name → value, before those that the worker reads itself."""
    os.environ.update(settings or {})
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
