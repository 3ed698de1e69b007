"""Where the older platform's rows come from: its server, or a dump of its database."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from crawler.database import explain
from crawler.legacy.dump import OlderRow, read_dump
from crawler.staging.errors import OlderDataError

_ROWS_A_TIME = 5000

Rows = Callable[[Collection[str]], Iterator[tuple[str, OlderRow]]]
"""(table, row) of the tables that are asked for, as often as it is called; values are text."""


def older_rows(source: str) -> Rows:
    """The rows of an address or of a dump. Raises OlderDataError when it is called."""
    if "://" in source:
        url = _address(source)
        return lambda tables: _read_server(url, tables)
    path = Path(source)
    return lambda tables: read_dump(path, tables)


def _address(source: str) -> URL:
    try:
        url = make_url(source)
    except ArgumentError as error:
        raise OlderDataError("no database address: mysql+pymysql://USER@HOST/NAME") from error
    if url.drivername not in ("mysql", "mysql+pymysql") or not url.database:
        raise OlderDataError(
            f"{url.render_as_string()}: not of the form mysql+pymysql://USER@HOST/NAME"
        )
    return url.set(drivername="mysql+pymysql").update_query_dict({"charset": "utf8mb4"})


def _read_server(url: URL, tables: Collection[str]) -> Iterator[tuple[str, OlderRow]]:
    engine = create_engine(
        url, isolation_level="REPEATABLE READ", connect_args={"connect_timeout": 10}
    )
    try:
        with engine.connect() as connection:
            yield from _rows(connection, tables)
    except SQLAlchemyError as error:
        raise OlderDataError(explain(error, engine)) from error
    finally:
        engine.dispose()


def _rows(connection: Connection, tables: Collection[str]) -> Iterator[tuple[str, OlderRow]]:
    # as a dump is written: times in UTC, all tables in one state
    connection.exec_driver_sql("SET SESSION time_zone = '+00:00'")
    names = {name.lower(): name for name in inspect(connection).get_table_names()}
    streaming = connection.execution_options(yield_per=_ROWS_A_TIME)
    for table in sorted(tables):
        if table.lower() in names:
            found = streaming.exec_driver_sql(
                f"SELECT * FROM `{names[table.lower()]}` ORDER BY id"  # noqa: S608
            )
            for row in found.mappings():
                yield table, {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
