"""How long the database may work on a question: what takes longer is cancelled there."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from pymysql.constants import ER
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import Session

_OPTION = "query_time_s"
_INSTRUCTIONS = 10_000
"""SQLite's virtual machine asks so often whether to go on."""
_TIMEOUTS = (1969, ER.QUERY_TIMEOUT)
"""What MariaDB and MySQL answer then."""


def limited_engine(engine: Engine, seconds: float) -> Engine:
    """The engine, on the same connections, whose every SELECT may take so long."""
    if engine.dialect.name == "sqlite":
        return engine
    if not event.contains(engine, "before_cursor_execute", _limit):
        event.listen(engine, "before_cursor_execute", _limit, retval=True)
    return engine.execution_options(**{_OPTION: seconds})


def _limit(
    connection: Connection,
    _cursor: Any,
    statement: str,
    parameters: Any,
    _context: Any,
    _many: bool,
) -> tuple[str, Any]:
    seconds = connection.get_execution_options().get(_OPTION)
    if seconds is None or not statement.startswith("SELECT"):
        return statement, parameters
    if getattr(connection.dialect, "is_mariadb", False):
        return f"SET STATEMENT max_statement_time={seconds} FOR {statement}", parameters
    hint = f"SELECT /*+ MAX_EXECUTION_TIME({round(1000 * seconds)}) */"
    return statement.replace("SELECT", hint, 1), parameters


@contextmanager
def limited(session: Session, seconds: float) -> Iterator[None]:
    """Limits all statements in it together on SQLite; elsewhere `limited_engine` does, each."""
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    connection = cast(sqlite3.Connection, session.connection().connection.driver_connection)
    deadline = time.monotonic() + seconds
    connection.set_progress_handler(lambda: int(time.monotonic() > deadline), _INSTRUCTIONS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def took_too_long(error: SQLAlchemyError) -> bool:
    """Whether a limit was the reason."""
    if not isinstance(error, DBAPIError) or error.orig is None or not error.orig.args:
        return False
    reason = error.orig.args[0]
    return reason in _TIMEOUTS or reason == "interrupted"
