"""The database as the API sees it: questions asked in threads, and what to say while it is away."""

from collections.abc import Callable
from typing import TypeVar

import anyio
import structlog
from anyio import to_thread
from pymysql.constants import ER
from sqlalchemy import Engine, QueuePool
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from casper_dash.api.problems import DatabaseAway
from crawler.database import explain, read_session

_THREADS = 5
_FAILURES = (OperationalError, InterfaceError, ProgrammingError, PoolTimeout)

Answer = TypeVar("Answer")
log = structlog.get_logger()


class Database:
    """Asks as many questions at a time as the engine keeps connections."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        pool = engine.pool
        threads = pool.size() if isinstance(pool, QueuePool) else _THREADS
        self._limiter = anyio.CapacityLimiter(threads)
        self._away = False

    async def ask(self, question: Callable[[Session], Answer]) -> Answer:
        """What `question` returns. Raises DatabaseAway, logging only that this began or ended."""
        try:
            answer = await to_thread.run_sync(self._ask, question, limiter=self._limiter)
        except _FAILURES as error:
            if _is_bug(error):
                raise
            self._went_away(error)
            raise DatabaseAway from error
        if self._away:
            self._away = False
            log.warning("database answers again")
        return answer

    def _ask(self, question: Callable[[Session], Answer]) -> Answer:
        with read_session(self.engine) as session:
            return question(session)

    def _went_away(self, error: SQLAlchemyError) -> None:
        if not self._away:
            self._away = True
            log.error("database does not answer", reason=explain(error, self.engine))


def _is_bug(error: SQLAlchemyError) -> bool:
    # a table that is not there yet is OperationalError on SQLite and this on MySQL
    if not isinstance(error, ProgrammingError) or error.orig is None:
        return False
    return bool(error.orig.args[0] != ER.NO_SUCH_TABLE)
