"""Databases for tests: SQLite files, and databases of their own on a MySQL or MariaDB server."""

import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

import crawler.models  # noqa: F401 (fills the metadata)
from crawler.database import make_engine
from crawler.settings import CrawlerSettings

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
    with engine.begin() as connection:
        for table in SQLModel.metadata.sorted_tables:
            connection.execute(table.delete())


def dump(engine: Engine, *, without: Collection[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """Table → its rows by primary key; `without` names tables, or columns as `table.column`."""
    rows = {}
    with engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            if table.name in without:
                continue
            columns = [each for each in table.c if f"{table.name}.{each.name}" not in without]
            question = select(*columns).order_by(*table.primary_key.columns)
            rows[table.name] = [dict(row._mapping) for row in connection.execute(question)]
    return rows
