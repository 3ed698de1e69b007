"""Where the database is read: replicas that live and do not lag, else the source."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from crawler.database import explain, read_session
from crawler.models.work import CRAWL_STATE

MAX_LAG_S = 10.0
"""A replica further behind is not read until it has caught up."""
_TRUSTED_S = 5.0
"""A replica that has not answered a look for so long is not read either."""

log = structlog.get_logger()


@dataclass
class Place:
    """The source or a replica, and what the last look at it found.

    `seen_at` is the crawl's own stamp, which replication carries along: the older it is than the
    newest stamp of all places, the further behind the place is.
    """

    name: str
    engine: Engine
    seen_at: datetime | None = None
    answered_at: float | None = None
    failing: bool = False

    def note(self, seen_at: datetime | None, now: float) -> None:
        """It answered."""
        self.seen_at, self.answered_at = seen_at, now
        if self.failing:
            self.failing = False
            log.warning("database answers again", place=self.name)

    def fail(self, error: SQLAlchemyError) -> None:
        """It did not answer, or not as it should. Logged once, until it does."""
        self.answered_at = None
        if not self.failing:
            self.failing = True
            log.error(
                "database does not answer", place=self.name, reason=explain(error, self.engine)
            )


class Places:
    """The source and its replicas; `clock` counts seconds, from whenever."""

    def __init__(
        self,
        source: Engine,
        replicas: Sequence[Engine] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.source = Place("source", source)
        self.replicas = [
            Place(f"replica {number}", engine) for number, engine in enumerate(replicas, start=1)
        ]
        self._clock = clock
        self._turn = 0
        # a look that hangs must not take the threads that answer questions
        self._threads = ThreadPoolExecutor(len(replicas) + 1, "places")

    def usable(self) -> list[Place]:
        """Replicas that may be read now, each in turn the first; behind them the source."""
        found = [replica for replica in self.replicas if self._is_usable(replica)]
        self._turn += 1
        turn = self._turn % len(found) if found else 0
        return [*found[turn:], *found[:turn], self.source]

    def _is_usable(self, replica: Place) -> bool:
        answered_at, lag_s = replica.answered_at, self.lag_s(replica)
        trusted = answered_at is not None and self._clock() - answered_at <= _TRUSTED_S
        return trusted and lag_s is not None and lag_s <= MAX_LAG_S

    def lag_s(self, place: Place) -> float | None:
        """Seconds that it is behind the newest place; None while that is not known."""
        if place is self.source:
            return 0.0
        stamps = [each.seen_at for each in (self.source, *self.replicas) if each.seen_at]
        if place.seen_at is None or place.answered_at is None:
            return None
        return (max(stamps) - place.seen_at).total_seconds()

    async def look(self, place: Place) -> None:
        """Asks one place how far it is."""
        try:
            loop = asyncio.get_running_loop()
            stamp = await loop.run_in_executor(self._threads, _stamp, place.engine)
        except SQLAlchemyError as error:
            place.fail(error)
        else:
            place.note(stamp, self._clock())


def _stamp(engine: Engine) -> datetime | None:
    with read_session(engine) as session:
        return session.execute(select(CRAWL_STATE.head_seen_at)).scalar()
