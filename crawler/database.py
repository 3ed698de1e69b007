"""The database's engine and sessions: SQLite for one machine, MySQL or MariaDB for many.

One `write_session` a batch or job, one `read_session` a question; each commits or rolls back at
its end, nobody else calls commit.
"""

import sqlite3
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from pymysql.constants import ER
from sqlalchemy import CursorResult, Delete, Engine, QueuePool, Select, Update, create_engine, event
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlmodel import Session, SQLModel

from crawler.columns import MotesSum
from crawler.models.table import table_of
from crawler.settings import CrawlerSettings

Result = TypeVar("Result")

_BUSY_TIMEOUT_S = 30
ANSWER_S = 300
"""A server that neither answers nor takes anything for so long has vanished."""
SILENCE_S = 60
"""After this the server ends a silent connection: a machine that vanished keeps no row locked."""
_PAUSES_S = (0.05, 0.2, 0.5)
_LOCK_ERRORS = (ER.LOCK_WAIT_TIMEOUT, ER.LOCK_DEADLOCK)


class DatabaseUnusable(RuntimeError):
    """The database cannot be used as it is; the message is one line that says why."""


def make_engine(settings: CrawlerSettings, *, patience_s: int | None = None) -> Engine:
    """An engine for the source database. Connects at first use only.

    `patience_s`: how long one statement may take on a server, and its connection be silent, where
    that is longer than ANSWER_S and SILENCE_S: to build an index of a large table.
    """
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return create_engine(
        url.update_query_dict({"charset": "utf8mb4"}),
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args=_connection(settings, patience_s or ANSWER_S, patience_s or SILENCE_S),
    )


def make_reading_engine(settings: CrawlerSettings) -> Engine:
    """An engine for questions alone, each statement a transaction of its own. On a server it
    asks nothing but the questions: no ping, BEGIN or ROLLBACK, three round trips of four.

    A connection that was lost shows at the next question, which is to be asked once more.
    """
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return create_engine(
        url.update_query_dict({"charset": "utf8mb4"}),
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_reset_on_return=None,
        pool_recycle=1800,
        connect_args=_connection(settings, ANSWER_S, SILENCE_S),
    )


def _connection(settings: CrawlerSettings, answer_s: int, silence_s: int) -> dict[str, Any]:
    return {
        "connect_timeout": 10,
        "read_timeout": answer_s,
        "write_timeout": answer_s,
        "init_command": f"SET SESSION wait_timeout = {silence_s}",
        **_tls(settings),
    }


def _tls(settings: CrawlerSettings) -> dict[str, Any]:
    if not settings.database_ca:
        return {}
    try:
        context = ssl.create_default_context(cafile=settings.database_ca)
    except ssl.SSLError as error:
        raise DatabaseUnusable(f"DATABASE_CA: no certificates in {settings.database_ca}") from error
    try:
        if settings.database_cert:
            context.load_cert_chain(settings.database_cert, settings.database_key or None)
    except ssl.SSLError as error:
        raise DatabaseUnusable(
            f"DATABASE_CERT, DATABASE_KEY: no certificate and its key: {error.reason}"
        ) from error
    return {"ssl": context}


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_S})

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # SQLAlchemy's own BEGIN below replaces the driver's, which comes too late for snapshots
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.create_aggregate("motes_sum", 1, MotesSum)  # type: ignore[arg-type]

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # a transaction that reads first and writes later would fail at once if another wrote
        # in between, whatever the busy timeout: writers take their place at the start
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def write_session(engine: Engine) -> Iterator[Session]:
    """One transaction that commits at the end, or leaves nothing behind if it raises."""
    connection = engine.connect().execution_options(writes=True)
    with connection, Session(connection) as session:
        yield session
        session.commit()


@contextmanager
def read_session(engine: Engine) -> Iterator[Session]:
    """One snapshot to read from."""
    with Session(engine) as session:
        yield session


@contextmanager
def snapshot(engine: Engine) -> Iterator[Session]:
    """One state of the whole database to read from, whatever is written meanwhile."""
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":  # whose every transaction is one anyway
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with Session(connection) as session:
            yield session


def transact(engine: Engine, change: Callable[[Session], Result]) -> Result:
    """What `change` answers in one transaction; tried again when another one was in its way.

    `change` must be safe to repeat: each attempt starts from what is committed then.
    """
    for pause_s in _PAUSES_S:
        try:
            with write_session(engine) as session:
                return change(session)
        except DBAPIError as error:
            if not _in_the_way(error):
                raise
            time.sleep(pause_s)
    with write_session(engine) as session:
        return change(session)


def changed_rows(session: Session, change: Update | Delete) -> int:
    """Makes the change; how many rows its conditions were true of. 0: somebody else was faster."""
    # what changes rows is answered by a cursor, which alone counts them
    return cast(CursorResult[Any], session.execute(change)).rowcount


def connections_in_use(engine: Engine) -> int:
    """How many of the pool's connections somebody has now."""
    return engine.pool.checkedout() if isinstance(engine.pool, QueuePool) else 0


def _in_the_way(error: DBAPIError) -> bool:
    """A deadlock, a lock not had in time, or a row that another transaction inserted first."""
    if isinstance(error, IntegrityError):
        return True
    code = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return code in _LOCK_ERRORS or (isinstance(code, str) and "locked" in code)


def upsert(
    session: Session,
    model: type[SQLModel],
    rows: list[dict[str, Any]],
    change: Callable[[Any], dict[str, Any]],
) -> None:
    """Inserts rows; where the primary key is held already, sets what `change` says.

    `change` gets the columns of the row that came, and answers column name → expression of
    columns: bound values would not survive the driver's many-rows form.
    """
    if not rows:
        return
    if session.get_bind().dialect.name == "sqlite":
        new = sqlite.insert(model)
        keys = [column.name for column in table_of(model).primary_key]
        session.execute(
            new.on_conflict_do_update(index_elements=keys, set_=change(new.excluded)), rows
        )
    else:
        insert = mysql.insert(model)
        session.execute(insert.on_duplicate_key_update(change(insert.inserted)), rows)


def upsert_from(
    session: Session, model: type[SQLModel], rows: Select[Any], changed: Sequence[str]
) -> None:
    """Inserts what `rows` selects; where the primary key is held already, sets `changed` anew.

    The names of the selected columns are those of the table. `rows` has a condition: SQLite
    would take ON of what follows for a join's.
    """
    names = [column.name for column in rows.selected_columns]
    if session.get_bind().dialect.name == "sqlite":
        new = sqlite.insert(model).from_select(names, rows)
        keys = [column.name for column in table_of(model).primary_key]
        change = {name: new.excluded[name] for name in changed}
        session.execute(new.on_conflict_do_update(index_elements=keys, set_=change))
    else:
        insert = mysql.insert(model).from_select(names, rows)
        change = {name: insert.inserted[name] for name in changed}
        session.execute(insert.on_duplicate_key_update(change))


def explain(error: SQLAlchemyError, engine: Engine) -> str:
    """One line for people: which database, and what it or its driver said. No password."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = str(cause.args[1] if len(cause.args) > 1 else cause)
    # the driver says nothing at all of a connection that is closed
    reason = text.splitlines()[0] if text else "the connection is lost"
    return f"database {engine.url.set(query={}).render_as_string()}: {reason}"
