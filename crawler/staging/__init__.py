"""Rows from elsewhere, loaded unseen: tables change at the end, all together, or not at all."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Engine, Table
from sqlalchemy.exc import DBAPIError

from crawler.database import explain
from crawler.staging import mysql, sqlite
from crawler.staging.errors import ImportFailed
from crawler.staging.mysql import MysqlStaging, remove_remains
from crawler.staging.sqlite import SqliteStaging

__all__ = ["ImportFailed", "Staging", "remove_remains", "staged"]

Staging = MysqlStaging | SqliteStaging


@contextmanager
def staged(
    engine: Engine, *, fresh: Sequence[Table], kept: Sequence[Table] = ()
) -> Iterator[Staging]:
    """Tables to fill: `fresh` begin empty, `kept` with what they hold.

    Readers see the change when the block ends; none if it raises, or if the process dies in it.
    Raises ImportFailed with the database's reason.
    """
    opened: AbstractContextManager[Staging] = (
        sqlite.staged(engine, fresh)
        if engine.dialect.name == "sqlite"
        else mysql.staged(engine, fresh, kept)
    )
    try:
        with opened as staging:
            yield staging
    except DBAPIError as error:
        raise ImportFailed(explain(error, engine)) from error
