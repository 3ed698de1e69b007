"""Work that outlives its request: begun here, followed by its row in the database."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread

import structlog

from casper_dash.decisions.errors import DecisionError

log = structlog.get_logger(__name__)

Begun = Callable[[], None]
_PATIENCE_S = 30


def begin(name: str, work: Callable[[Begun], object]) -> None:
    """Starts `work` in a thread, and returns once it has called what it is given, or has ended,
    or half a minute has gone.

    Raises what it raised before that. If the process ends meanwhile, so does the work.
    """
    started: Future[None] = Future()

    def told() -> None:
        if not started.done():
            started.set_result(None)

    def run() -> None:
        try:
            work(told)
            told()
        except BaseException as error:
            if not started.done():
                started.set_exception(error)
            elif not isinstance(error, DecisionError):  # which the row tells
                log.exception("work in the background failed", work=name)

    Thread(target=run, name=name, daemon=True).start()
    wait([started], _PATIENCE_S)
    if started.done():
        started.result()
