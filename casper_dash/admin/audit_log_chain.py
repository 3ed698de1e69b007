"""Whether the audit's chain is whole: recomputed when somebody looks, at most every few minutes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from casper_dash.audit import Verified

log = structlog.get_logger(__name__)

_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Checked:
    """What was found, and when. `fault` is "" of a whole chain."""

    count: int = 0
    fault: str = ""
    at: str = ""
    """RFC 3339; "" before the first time."""


class Checking:
    """Verifies in a thread of its own: a long chain takes seconds, and nobody waits for it."""

    def __init__(self, verify: Callable[[], Verified]) -> None:
        self._verify = verify
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._began: datetime | None = None
        self.last = Checked()

    def look(self, now: datetime) -> Checked:
        """What was found last; begins anew where that is long ago."""
        with self._lock:
            due = self._began is None or now - self._began >= _EVERY
            if due and (self._thread is None or not self._thread.is_alive()):
                self._began = now
                self._thread = threading.Thread(target=self._run, daemon=True, name="audit")
                self._thread.start()
        return self.last

    def wait(self, timeout_s: float) -> None:
        """Until what is under way has ended."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            found = self._verify()
        except Exception:
            log.exception("audit cannot be verified")
            self._began = None
            return
        if not found.whole:
            log.error("audit is not whole", entries=found.count, fault=found.fault)
        self.last = Checked(found.count, found.fault or "", datetime.now(UTC).isoformat())
