"""The web server: granian in this process, the application in one worker below it."""

import os
import resource
from collections.abc import Mapping
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings

from crawler import telemetry

FRONT = "CASPER_DASH_FRONT"
"""Tells the worker which exported front end it serves; empty: the API alone."""
PANEL = "CASPER_DASH_PANEL"
"""Tells the worker where the admin panel is built; empty: no panel."""

CONNECTIONS = 16_000
"""Listeners of events, those who ask, and those who are slow about it: some KiB each."""
HEADERS_MS = 10_000
"""Within which a request's headers must have come."""
ENDING_S = 30
"""After which answers that clients do not read are cut off, when the server ends."""
_OTHER_FILES = 256


def serve(
    host: str,
    port: int,
    front_folder: Path | None = None,
    panel_folder: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> None:
    """Serves until SIGTERM. `settings`: name → value, before those that the worker reads itself."""
    telemetry.leave()  # the worker answers its own /metrics: the crawler's are not to have them
    os.environ.update(settings or {})
    os.environ[FRONT] = str(front_folder or "")
    os.environ[PANEL] = str(panel_folder or "")
    Granian(
        "casper_dash.web:worker_app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        factory=True,
        log_enabled=False,
        respawn_failed_workers=True,
        websockets=panel_folder is not None,
        # granian accepts no more connections than these, and a slow one counts as long as it lasts
        backpressure=_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_MS),
        workers_kill_timeout=ENDING_S,
    ).serve()


def _connections() -> int:
    """How many the process may have open at a time, once it may open as many files as ever."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = CONNECTIONS + _OTHER_FILES
    wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(wanted - _OTHER_FILES, _OTHER_FILES)
