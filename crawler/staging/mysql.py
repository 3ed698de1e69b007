"""Unseen loading into MySQL and MariaDB: twins of the tables take their places in one RENAME.

The twins are named import_…; nobody reads them. They are filled batch by batch, without secondary
indexes, which are built by sorting afterwards. A killed import leaves twins behind: the next one,
or the next start, drops them. That no living import is disturbed is told by a row of import_lock,
which an import keeps locked: the lock goes with its connection.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from pymysql.constants import ER
from sqlalchemy import Connection, Engine, MetaData, String, Table, event, inspect
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from crawler.columns import Hex, UtcTime
from crawler.staging.errors import ImportFailed

_TWIN = "import_"
_REPLACED = "replaced_"
_LOCK = "import_lock"
_NOT_AT_ONCE = (ER.LOCK_WAIT_TIMEOUT, 3572)  # MariaDB's and MySQL's answer to NOWAIT


@contextmanager
def staged(
    engine: Engine, fresh: Sequence[Table], kept: Sequence[Table]
) -> Iterator["MysqlStaging"]:
    """Twins of all the tables; `kept` begin as copies."""
    if not remove_remains(engine):
        raise ImportFailed("another import into this database is under way")
    with (
        _sending_files(engine),
        engine.connect() as lock,
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        _take_lock(lock)
        try:
            for table in (*fresh, *kept):
                _make_twin(connection, table)
            indexes = {table.name: _indexes(connection, table) for table in fresh}
            for name, definitions in indexes.items():
                _alter(connection, name, [f"DROP INDEX `{index}`" for index in definitions])
            for table in kept:
                _copy(connection, table)
            yield MysqlStaging(connection, lock, (*fresh, *kept))
            for name, definitions in indexes.items():
                _alter(connection, name, [f"ADD {added}" for added in definitions.values()])
            _swap(connection, [*fresh, *kept])
        finally:
            _drop_twins(connection)
            _drop_lock(lock)


def remove_remains(engine: Engine) -> bool:
    """Drops what a killed import left behind; False while a living one is under way."""
    if engine.dialect.name == "sqlite":
        return True
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        remains = inspect(connection).get_table_names()
        if _LOCK in remains and _is_locked(connection):
            return False
        _drop_twins(connection)
        _drop_lock(connection)
    return True


class MysqlStaging:
    """Takes rows for the twins."""

    def __init__(self, connection: Connection, lock: Connection, tables: Sequence[Table]) -> None:
        self._connection = connection
        self._lock = lock
        metadata = MetaData()
        self._twins = {
            table.name: table.to_metadata(metadata, name=_TWIN + table.name) for table in tables
        }
        self.takes_files = bool(connection.exec_driver_sql("SELECT @@local_infile").scalar())

    def load(self, table: Table, batch: pa.RecordBatch) -> None:
        """Inserts Arrow rows; the batch's columns are named as the table's.

        Raises ImportFailed when the server did not take every row as it is.
        """
        # a lock whose connection timed out would let another import in
        self._lock.exec_driver_sql("SELECT 1")
        if self.takes_files:
            self._send_file(table, batch)
        else:
            self._insert(table, batch)

    def merge(
        self,
        table: Table,
        rows: list[dict[str, Any]],
        change: Callable[[Any], dict[str, Any]] | None = None,
    ) -> None:
        """Inserts rows; where the key is held, sets what `change` says, or passes the row over."""
        if not rows:
            return
        new = mysql.insert(self._twins[table.name])
        key = next(iter(table.primary_key)).name
        changes = {key: new.inserted[key]} if change is None else change(new.inserted)
        self._connection.execute(new.on_duplicate_key_update(changes), rows)

    def columns(self, table: Table) -> Any:
        """The columns that `merge` sees as held."""
        return self._twins[table.name].c

    def _send_file(self, table: Table, batch: pa.RecordBatch) -> None:
        names = batch.schema.names
        texts = [_field_texts(batch.column(name), table.c[name].type) for name in names]
        with tempfile.TemporaryDirectory(prefix="casper-import-") as folder:
            path = str(Path(folder) / f"{table.name}.tsv")
            _write_fields(path, pa.table(texts, names=names))
            taken = self._connection.exec_driver_sql(_load_statement(table, names), (path,))
        warnings = self._connection.exec_driver_sql("SELECT @@warning_count").scalar_one()
        # LOCAL turns errors into warnings, and passes rows over that are there already
        if taken.rowcount != batch.num_rows or warnings:
            raise ImportFailed(f"the server did not take every row of {table.name} as it is")

    def _insert(self, table: Table, batch: pa.RecordBatch) -> None:
        names = batch.schema.names
        columns = [_plain(batch.column(name)).to_pylist() for name in names]
        statement = (
            f"INSERT INTO {_TWIN}{table.name} ({', '.join(f'`{name}`' for name in names)})"  # noqa: S608
            f" VALUES ({', '.join(['%s'] * len(names))})"
        )
        self._connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


@contextmanager
def _sending_files(engine: Engine) -> Iterator[None]:
    """Lets the server ask for files on connections made meanwhile; elsewhere it may not."""

    def allow(_dialect: object, _record: object, _args: object, options: dict[str, Any]) -> None:
        options["local_infile"] = True

    event.listen(engine, "do_connect", allow)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "do_connect", allow)
        engine.dispose()


def _take_lock(lock: Connection) -> None:
    lock.exec_driver_sql(f"CREATE TABLE {_LOCK} (id INT PRIMARY KEY) ENGINE=InnoDB")
    lock.exec_driver_sql(f"INSERT INTO {_LOCK} VALUES (0)")  # noqa: S608
    lock.commit()
    lock.exec_driver_sql(f"SELECT id FROM {_LOCK} FOR UPDATE")  # noqa: S608


def _is_locked(connection: Connection) -> bool:
    try:
        connection.exec_driver_sql(f"SELECT id FROM {_LOCK} FOR UPDATE NOWAIT")  # noqa: S608
    except OperationalError as error:
        if error.orig is not None and error.orig.args[0] in _NOT_AT_ONCE:
            return True
        raise
    return False


def _drop_twins(connection: Connection) -> None:
    ours = {prefix + name for name in SQLModel.metadata.tables for prefix in (_TWIN, _REPLACED)}
    for name in sorted(ours & set(inspect(connection).get_table_names())):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")


def _drop_lock(connection: Connection) -> None:
    """Comes last, on the connection that holds it: until then the twins are not free to take."""
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_LOCK}")


def _make_twin(connection: Connection, table: Table) -> None:
    connection.exec_driver_sql(f"CREATE TABLE {_TWIN}{table.name} LIKE `{table.name}`")


def _copy(connection: Connection, table: Table) -> None:
    connection.exec_driver_sql(
        f"INSERT INTO {_TWIN}{table.name} SELECT * FROM `{table.name}`"  # noqa: S608
    )


def _swap(connection: Connection, tables: Sequence[Table]) -> None:
    steps = [
        f"`{table.name}` TO {_REPLACED}{table.name}, {_TWIN}{table.name} TO `{table.name}`"
        for table in tables
    ]
    connection.exec_driver_sql(f"RENAME TABLE {', '.join(steps)}")


def _indexes(connection: Connection, table: Table) -> dict[str, str]:
    """Name → definition of a table's indexes, less its primary key."""
    return {
        str(index["name"]): f"{'UNIQUE ' if index['unique'] else ''}INDEX `{index['name']}`"
        f" ({', '.join(f'`{column}`' for column in index['column_names'])})"
        for index in inspect(connection).get_indexes(table.name)
    }


def _alter(connection: Connection, name: str, changes: list[str]) -> None:
    if changes:
        connection.exec_driver_sql(f"ALTER TABLE {_TWIN}{name} {', '.join(changes)}")


def _load_statement(table: Table, names: Sequence[str]) -> str:
    fields, settings = [], []
    for name in names:
        decoded = _decoded(f"@{name}", table.c[name].type)
        fields.append(f"`{name}`" if decoded is None else f"@{name}")
        if decoded is not None:
            settings.append(f"`{name}` = {decoded}")
    return (
        f"LOAD DATA LOCAL INFILE %s INTO TABLE {_TWIN}{table.name} CHARACTER SET ascii"
        f" FIELDS TERMINATED BY '\\t' LINES TERMINATED BY '\\n' ({', '.join(fields)})"
        + (f" SET {', '.join(settings)}" if settings else "")
    )


def _decoded(variable: str, kind: Any) -> str | None:
    """How a field that travels in hex becomes the column's value; None: it travels as it is."""
    if isinstance(kind, Hex):
        return f"UNHEX({variable})"
    if isinstance(kind, String):
        return f"CONVERT(UNHEX({variable}) USING utf8mb4)"
    return None


def _field_texts(array: pa.Array, kind: Any) -> pa.Array:
    """Fields of the file: bytes and free text in hex, so that nothing in them can end a field."""
    if isinstance(kind, (Hex, String)):
        texts = _hex_texts(array.cast(pa.binary()))
    elif pa.types.is_boolean(array.type):
        texts = array.cast(pa.int8()).cast(pa.string())
    elif isinstance(kind, UtcTime):
        texts = pc.strftime(_plain(array), format="%Y-%m-%d %H:%M:%S")
    else:
        texts = array.cast(pa.string())
    return texts.fill_null("\\N")


def _hex_texts(array: pa.Array) -> pa.Array:
    """Two digits a byte, for the whole column at once: its bytes lie one after another."""
    _, offsets, data = array.buffers()
    starts = pa.Array.from_buffers(pa.int32(), len(array) + 1, [None, offsets], offset=array.offset)
    starts = pc.multiply_checked(starts, pa.scalar(2, pa.int32()))
    digits = pa.py_buffer(b"" if data is None else data.hex())
    valid = array.is_valid().buffers()[1]
    return pa.Array.from_buffers(pa.string(), len(array), [valid, starts.buffers()[1], digits])


def _plain(array: pa.Array) -> pa.Array:
    """The array without a time zone: the database's times are UTC and do not say so."""
    return array.cast(pa.timestamp("ms")) if pa.types.is_timestamp(array.type) else array


def _write_fields(path: str, fields: pa.Table) -> None:
    pyarrow.csv.write_csv(
        fields,
        path,
        pyarrow.csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none"),
    )
