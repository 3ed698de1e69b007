"""Databases for tests: SQLite files, and databases of their own on a MySQL or MariaDB server."""

import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, Table, create_engine, inspect, select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

import casper_dash.models  # noqa: F401 (fills the metadata)
import crawler.models  # noqa: F401 (fills the metadata)
from crawler.database import make_engine
from crawler.settings import CrawlerSettings

Rows = dict[str, list[dict[str, Any]]]

SERVER = os.environ.get("TEST_MYSQL_URL", "mysql+pymysql://root@127.0.0.1:3306")
KINDS = ("sqlite", pytest.param("mysql", marks=pytest.mark.mysql))


@contextmanager
def server_database() -> Iterator[str]:
    """The address of a new database on the server, dropped at the end.

    Without a server the test is skipped; with CI_REQUIRE_ALL=1 it fails.
    """
    name = f"casper_dash_{secrets.token_hex(6)}"
    try:
        on_server(f"CREATE DATABASE {name}")
    except OperationalError:
        if os.environ.get("CI_REQUIRE_ALL") == "1":
            raise
        pytest.skip(f"no MySQL or MariaDB server at {SERVER}")
    try:
        yield f"{SERVER}/{name}"
    finally:
        on_server(f"DROP DATABASE {name}")


def on_server(*statements: str) -> None:
    """Runs statements as the server's administrator."""
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    server.dispose()


def engine_of(url: str) -> Engine:
    """The engine that the crawler would make for this address."""
    return make_engine(CrawlerSettings(_env_file=None, database_url=url))


def empty(engine: Engine) -> None:
    """Deletes every row of every table."""
    tables = tables_of(engine)
    with engine.begin() as connection:
        for table in tables:
            connection.execute(table.delete())


def dump(engine: Engine, *names: str, without: Collection[str] = ()) -> Rows:
    """Table → its rows by primary key, of these tables, or of all.

    `without` names columns that are left out, as `table.column`.
    """
    rows = {}
    tables = [table for table in tables_of(engine) if not names or table.name in names]
    with engine.connect() as connection:
        for table in tables:
            columns = [each for each in table.c if f"{table.name}.{each.name}" not in without]
            question = select(*columns).order_by(*table.primary_key.columns)
            rows[table.name] = [dict(row._mapping) for row in connection.execute(question)]
    return rows


def tables_of(engine: Engine) -> list[Table]:
    """The models' tables that the database has."""
    held = set(inspect(engine).get_table_names())
    return [table for table in SQLModel.metadata.sorted_tables if table.name in held]
