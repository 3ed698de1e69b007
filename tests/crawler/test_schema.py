"""The schema: models and migrations agree, and it can grow onto databases of many servers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, Table, create_engine, event, inspect, text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

import crawler.models  # noqa: F401 (fills the metadata)
from crawler.database import DatabaseUnusable
from crawler.schema import missing_revision, upgrade
from tests.crawler.storing import crash_at
from tests.databases import SERVER, engine_of, on_server, server_database

TABLES = list(SQLModel.metadata.sorted_tables)
ROOT = Path(__file__).parents[2]
FIRST_START = """
from crawler.database import make_engine
from crawler.schema import upgrade
from crawler.settings import CrawlerSettings

upgrade(make_engine(CrawlerSettings(_env_file=None)))
"""


@pytest.fixture
def fresh(database_url: str) -> Iterator[Engine]:
    """A database without tables."""
    engine = engine_of(database_url)
    yield engine
    engine.dispose()


def test_migrations_make_what_the_models_declare(fresh: Engine):
    upgrade(fresh)

    assert_as_declared(fresh)


def assert_as_declared(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    assert missing_revision(engine) is None


def test_migrating_again_changes_nothing(fresh: Engine):
    upgrade(fresh)
    before = described(fresh)
    upgrade(fresh)

    assert described(fresh) == before


def described(engine: Engine) -> dict[str, object]:
    inspector = inspect(engine)
    return {
        name: (str(inspector.get_columns(name)), str(inspector.get_indexes(name)))
        for name in inspector.get_table_names()
    }


@pytest.mark.parametrize("statement", [3, 20, 50, 65])
def test_a_migration_that_was_cut_off_is_run_again(fresh: Engine, statement: int):
    with crash_at(fresh, statement):
        upgrade(fresh)
        pytest.fail("it needs more statements than these")
    upgrade(fresh)

    assert_as_declared(fresh)


def test_tables_that_are_all_there_without_their_revision_are_taken_as_they_are(fresh: Engine):
    upgrade(fresh)
    with fresh.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    upgrade(fresh)

    assert missing_revision(fresh) is None


def first_start(database_url: str) -> subprocess.Popen[str]:
    """A first start in a process of its own, as on a machine of its own."""
    command = [sys.executable, "-c", FIRST_START]
    environment = os.environ | {"DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def test_first_starts_at_once_all_succeed(database_url: str, fresh: Engine):
    starts = [first_start(database_url) for _ in range(3)]
    errors = [start.communicate(timeout=60)[1] for start in starts]

    assert errors == [""] * len(starts)
    assert_as_declared(fresh)


@pytest.mark.mysql
@pytest.mark.parametrize(
    "statement", ["INSERT INTO alembic_version", "UPDATE alembic_version SET version_num='0002'"]
)
def test_who_is_overtaken_while_migrating_begins_anew_behind_the_other(
    statement: str,
):
    with server_database() as url:
        engine = engine_of(url)
        overtaken = []

        @event.listens_for(engine, "before_cursor_execute")
        def overtake(_connection, _cursor, sql: str, *_more: object) -> None:
            if sql.startswith(statement) and not overtaken:
                overtaken.append(sql)
                assert first_start(url).communicate(timeout=60)[1] == ""

        upgrade(engine)

        assert overtaken
        assert_as_declared(engine)
        with engine.connect() as connection:
            assert len(connection.execute(text("SELECT * FROM alembic_version")).all()) == 1
        engine.dispose()


def test_a_database_without_tables_lacks_the_revision(fresh: Engine):
    told = missing_revision(fresh)

    assert told is not None
    assert told.startswith("schema is at nothing, this release needs 0")


def test_a_migrated_database_lacks_nothing(fresh: Engine):
    upgrade(fresh)

    assert missing_revision(fresh) is None


def test_a_newer_releases_database_can_be_used_and_is_left_as_it_is(fresh: Engine):
    upgrade(fresh)
    with fresh.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    upgrade(fresh)

    assert missing_revision(fresh) is None
    with fresh.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == [
            ("9999",)
        ]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_has_a_natural_key_and_no_foreign_one(table: Table):
    assert list(table.primary_key.columns)
    assert not table.foreign_keys
    assert all(column.autoincrement is False for column in table.primary_key.columns)
    assert all(column.server_default is None for column in table.c)


@pytest.mark.mysql
def test_no_key_of_a_server_numbers_itself(migrated_mysql: Engine):
    with migrated_mysql.connect() as connection:
        columns = connection.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = DATABASE() AND extra <> ''"
            )
        )
        assert columns.all() == []


@pytest.mark.mysql
def test_every_text_on_a_server_is_told_apart_by_its_bytes(migrated_mysql: Engine):
    with migrated_mysql.connect() as connection:
        columns = connection.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = DATABASE() AND collation_name <> 'utf8mb4_bin'"
                " AND table_name <> 'alembic_version'"
            )
        )
        assert columns.all() == []


def unusable(url: str) -> str:
    """Why the migrations cannot run there."""
    engine = engine_of(url)
    with pytest.raises(DatabaseUnusable) as caught:
        upgrade(engine)
    engine.dispose()
    message = str(caught.value)
    assert "\n" not in message
    assert "top-secret" not in message
    return message


def test_a_folder_that_does_not_exist_is_told_in_one_line(tmp_path):
    assert unusable(f"sqlite:///{tmp_path}/nowhere/dash.db") == (
        f"database sqlite:///{tmp_path}/nowhere/dash.db: unable to open database file"
    )


def test_a_file_that_is_no_database_is_told_in_one_line(tmp_path):
    (tmp_path / "dash.db").write_text("this is a text\n" * 100)

    assert unusable(f"sqlite:///{tmp_path}/dash.db").endswith(": file is not a database")


def test_a_server_that_is_not_there_is_told_in_one_line():
    message = unusable("mysql+pymysql://user:top-secret@127.0.0.1:1/dash")

    assert message.startswith("database mysql+pymysql://user:***@127.0.0.1:1/dash: Can't connect")


@pytest.fixture
def somebody() -> Iterator[str]:
    """A user of the server who has no right to anything."""
    with server_database() as url:
        name = url.rpartition("_")[2]
        on_server(f"CREATE USER 'u{name}'@'127.0.0.1' IDENTIFIED BY 'top-secret'")
        yield f"u{name}"
        on_server(f"DROP USER 'u{name}'@'127.0.0.1'")


@pytest.mark.mysql
@pytest.mark.parametrize("password", ["top-secret", "wrong-top-secret"])
def test_a_user_without_rights_or_password_is_told_in_one_line(somebody: str, password: str):
    server = SERVER.rpartition("@")[2]
    message = unusable(f"mysql+pymysql://{somebody}:{password}@{server}/mysql")

    assert f"Access denied for user '{somebody}'" in message


@pytest.mark.mysql
def test_a_user_who_may_only_read_cannot_migrate_but_can_ask(somebody: str, migrated_mysql):
    name = migrated_mysql.url.database
    on_server(f"GRANT SELECT ON {name}.* TO '{somebody}'@'127.0.0.1'")
    reader = engine_of(f"mysql+pymysql://{somebody}:top-secret@127.0.0.1:3306/{name}")

    assert missing_revision(reader) is None
    upgrade(reader)
    reader.dispose()


@pytest.mark.mysql
def test_without_a_server_the_question_ends_in_the_drivers_error():
    engine = create_engine("mysql+pymysql://user@127.0.0.1:1/dash")
    with pytest.raises(OperationalError):
        missing_revision(engine)
