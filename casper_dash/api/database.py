"""The database as the API sees it: questions asked in threads, and what to say while it is away."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pymysql.constants import ER
from sqlalchemy import Engine, QueuePool
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session
from starlette.responses import Response

from casper_dash.api.operation import QUERY_TIME_S
from casper_dash.api.places import Place, Places
from casper_dash.api.problems import DatabaseAway, TooSlow
from casper_dash.api.query_time import limited, limited_engine, took_too_long
from crawler.database import read_session

_THREADS = 5
_FAILURES = (OperationalError, InterfaceError, ProgrammingError, PoolTimeout)

Answer = TypeVar("Answer")


class Database:
    """Asks as many questions at a time as the engines keep connections.

    `query_time_s` is how long the database may work on one; the caller owns the engines.
    """

    def __init__(
        self,
        engine: Engine,
        replicas: Sequence[Engine] = (),
        *,
        query_time_s: float = QUERY_TIME_S,
    ) -> None:
        self._query_time_s = query_time_s
        self.places = Places(
            limited_engine(engine, query_time_s),
            [limited_engine(replica, query_time_s) for replica in replicas],
        )
        # not AnyIO's threads: one that starts while the server ends would keep the process alive
        self._threads = ThreadPoolExecutor(sum(map(_connections, replicas or [engine])), "database")

    async def ask(self, question: Callable[[Session], Answer]) -> Answer:
        """What `question` returns, read from a replica if one is usable.

        Raises DatabaseAway, logging only that this began or ended, or TooSlow.
        """
        failure: SQLAlchemyError | None = None
        for place in self.places.usable():
            try:
                return await self._ask_at(place, question)
            except _FAILURES as error:
                if took_too_long(error):
                    raise TooSlow(self._query_time_s) from error
                if _is_bug(error):
                    raise
                place.fail(error)
                failure = error
        raise DatabaseAway from failure

    async def _ask_at(self, place: Place, question: Callable[[Session], Answer]) -> Answer:
        lag_s = self.places.lag_s(place) or 0
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, self._ask, place, question)
        if place is self.places.source and place.failing:
            place.note(place.seen_at, 0)
        if isinstance(answer, Response) and lag_s >= 1:
            # as old as the replica's rows are: RFC 9111, 5.1
            answer.headers["Age"] = str(int(lag_s))
        return answer

    def _ask(self, place: Place, question: Callable[[Session], Answer]) -> Answer:
        try:
            return self._ask_once(place, question)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        # the server had closed this connection; the pool has let go of the others like it too
        return self._ask_once(place, question)

    def _ask_once(self, place: Place, question: Callable[[Session], Answer]) -> Answer:
        with read_session(place.engine) as session, limited(session, self._query_time_s):
            return question(session)


def _connections(engine: Engine) -> int:
    return engine.pool.size() if isinstance(engine.pool, QueuePool) else _THREADS


def _is_bug(error: SQLAlchemyError) -> bool:
    # a table that is not there yet is OperationalError on SQLite and this on MySQL
    if not isinstance(error, ProgrammingError) or error.orig is None:
        return False
    return bool(error.orig.args[0] != ER.NO_SUCH_TABLE)
