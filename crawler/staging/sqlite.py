"""Unseen loading into SQLite: one transaction, indexes made anew at its end.

A killed process leaves a write-ahead log that nobody reads: there is nothing to clean up.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Engine, Table, delete
from sqlalchemy.dialects import sqlite

from crawler.columns import Exact, Hex, Motes, UtcTime, motes_to_text

_CACHE_KIB = 128 * 1024
"""Index building sorts in it; the default 2 MB made it half as fast."""


@contextmanager
def staged(engine: Engine, fresh: Sequence[Table]) -> Iterator["SqliteStaging"]:
    """One writing transaction in which `fresh` tables begin empty and without indexes."""
    with engine.connect() as connection, connection.execution_options(writes=True).begin():
        before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
        connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KIB}")
        try:
            indexes = _indexes(connection, {table.name for table in fresh})
            for table in fresh:
                connection.execute(delete(table))
            for name in indexes:
                connection.exec_driver_sql(f'DROP INDEX "{name}"')
            yield SqliteStaging(connection)
            for definition in indexes.values():
                connection.exec_driver_sql(definition)
        finally:
            # the connection goes back to a pool
            connection.exec_driver_sql(f"PRAGMA cache_size={before}")


class SqliteStaging:
    """Takes rows for real tables, inside the transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def load(self, table: Table, batch: pa.RecordBatch) -> None:
        """Inserts Arrow rows; the batch's columns are named as the table's."""
        names = batch.schema.names
        columns = [_driver_values(batch.column(name), table.c[name].type) for name in names]
        quote = self._connection.dialect.identifier_preparer.quote
        statement = (
            f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))})"  # noqa: S608
            f" VALUES ({', '.join('?' * len(names))})"
        )
        self._connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))

    def merge(
        self,
        table: Table,
        rows: list[dict[str, Any]],
        change: Callable[[Any], dict[str, Any]] | None = None,
    ) -> None:
        """Inserts rows; where the key is held, sets what `change` says, or passes the row over."""
        if not rows:
            return
        new = sqlite.insert(table)
        keys = [column.name for column in table.primary_key]
        statement = (
            new.on_conflict_do_nothing(index_elements=keys)
            if change is None
            else new.on_conflict_do_update(index_elements=keys, set_=change(new.excluded))
        )
        self._connection.execute(statement, rows)

    def columns(self, table: Table) -> Any:
        """The columns that `merge` sees as held."""
        return table.c


def _indexes(connection: Connection, tables: Collection[str]) -> dict[str, str]:
    """Name → definition of the tables' indexes, less those that come with a primary key."""
    question = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name"
    rows = connection.exec_driver_sql(question)
    return {row.name: row.sql for row in rows if row.sql and row.tbl_name in tables}


def _driver_values(array: pa.Array, kind: Any) -> list[Any]:
    """What the column types of crawler.columns bind on SQLite, a whole column at a time."""
    if isinstance(kind, Motes):
        return _motes_texts(array)
    if isinstance(kind, UtcTime):
        text = pc.strftime(array.cast(pa.timestamp("ms")), format="%Y-%m-%d %H:%M:%S")
        return list(pc.binary_join_element_wise(text, "000", "").to_pylist())
    if isinstance(kind, Exact):
        return list(array.cast(pa.string()).to_pylist())
    if isinstance(kind, Hex):
        return list(array.cast(pa.binary()).to_pylist())
    return list(array.to_pylist())


def _motes_texts(array: pa.Array) -> list[str | None]:
    least = pc.min(array).as_py()
    if least is not None and least < 0:
        return [None if value is None else motes_to_text(int(value)) for value in array.to_pylist()]
    return list(pc.utf8_lpad(array.cast(pa.string()), 38, "0").to_pylist())
