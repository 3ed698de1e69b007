from collections.abc import Iterator

import pyarrow as pa
import pytest
from sqlalchemy import Engine, Table, func, insert, inspect, select

from crawler.columns import Hex
from crawler.database import write_session
from crawler.models.chain import BLOCK, KNOWN_ACCOUNT, Block, KnownAccount
from crawler.models.table import table_of
from crawler.snapshot.layout import arrow_schema
from crawler.staging import ImportFailed, Staging, remove_remains, staged
from tests.databases import dump, engine_of
from tests.factories import block, digest


@pytest.fixture
def reader(engine: Engine) -> Iterator[Engine]:
    """Somebody else's connections."""
    reader = engine_of(engine.url.render_as_string(hide_password=False))
    yield reader
    reader.dispose()


def held(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count(BLOCK.height))).scalar_one()


def test_readers_see_nothing_until_the_end_and_then_everything(engine, reader):
    with staged(engine, fresh=[table_of(Block)]) as staging:
        staging.merge(table_of(Block), [block(height) for height in range(50)])

        assert held(reader) == 0
    assert held(reader) == 50


def fill_and_fail(staging: Staging) -> None:
    staging.merge(table_of(Block), [block(1)])
    staging.merge(table_of(KnownAccount), [{"account_hash": digest("a")}])
    raise OSError("cut off")


def test_a_failure_leaves_no_trace(engine):
    tables = set(inspect(engine).get_table_names())
    with (
        pytest.raises(OSError, match="cut off"),
        staged(engine, fresh=[table_of(Block)], kept=[table_of(KnownAccount)]) as staging,
    ):
        fill_and_fail(staging)

    assert held(engine) == 0
    assert set(inspect(engine).get_table_names()) == tables


def test_kept_tables_begin_with_their_rows_which_win_or_are_changed(engine):
    with write_session(engine) as session:
        session.execute(insert(KnownAccount), [{"account_hash": digest("a"), "name": "ours"}])
    rows = [{"account_hash": digest(name), "name": "theirs", "comment": "new"} for name in "ab"]
    table = table_of(KnownAccount)
    with staged(engine, fresh=[], kept=[table]) as staging:
        staging.merge(table, rows)
        staging.merge(table, rows[:1], lambda new: {"comment": new.comment})

    with engine.connect() as connection:
        found = connection.execute(select(KNOWN_ACCOUNT.name, KNOWN_ACCOUNT.comment)).all()
    assert sorted(found) == [("ours", "new"), ("theirs", "new")]


def test_a_database_error_is_one_line(engine):
    with (
        pytest.raises(ImportFailed) as failure,
        staged(engine, fresh=[table_of(Block)]) as staging,
    ):
        staging.merge(table_of(Block), [block(1, proposer=None)])

    assert "\n" not in str(failure.value)


@pytest.mark.mysql
def test_a_living_import_is_not_disturbed(migrated_mysql):
    with staged(migrated_mysql, fresh=[table_of(Block)]) as staging:
        other = engine_of(migrated_mysql.url.render_as_string(hide_password=False))
        assert not remove_remains(other)
        with (
            pytest.raises(ImportFailed, match="another import"),
            staged(other, fresh=[table_of(Block)]),
        ):
            pass
        other.dispose()
        staging.merge(table_of(Block), [block(1)])

    assert held(migrated_mysql) == 1
    assert remove_remains(migrated_mysql)


@pytest.mark.mysql
def test_an_import_killed_after_its_last_step_is_whole_and_its_remains_go(migrated_mysql):
    with staged(migrated_mysql, fresh=[table_of(Block)]) as staging:
        staging.merge(table_of(Block), [block(1)])
    with migrated_mysql.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE replaced_block LIKE block")
        connection.exec_driver_sql("CREATE TABLE import_lock (id INT PRIMARY KEY)")

    assert remove_remains(migrated_mysql)
    assert held(migrated_mysql) == 1
    names = inspect(migrated_mysql).get_table_names()
    assert not [name for name in names if name.startswith(("import_", "replaced_"))]


@pytest.mark.mysql
def test_tables_that_are_not_ours_are_no_remains(migrated_mysql):
    with migrated_mysql.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE import_of_tea (id INT PRIMARY KEY)")
    assert remove_remains(migrated_mysql)

    with migrated_mysql.begin() as connection:
        connection.exec_driver_sql("DROP TABLE import_of_tea")


def test_rows_come_in_the_same_with_and_without_files(engine):
    table = table_of(Block)
    rows = [block(height) for height in range(30)]
    arrays = {
        column.name: [
            bytes.fromhex(row[column.name]) if isinstance(column.type, Hex) else row[column.name]
            for row in rows
        ]
        for column in table.c
    }
    batch = pa.RecordBatch.from_pydict(arrays, schema=arrow_schema(table))
    with staged(engine, fresh=[table]) as staging:
        staging.load(table, batch.slice(0, 10))
        staging.takes_files = False  # as a server with local_infile off
        staging.load(table, batch.slice(10, 20))

    assert dump(engine, "block")["block"] == rows


def load(staging: Staging, table: Table, batch: pa.RecordBatch, takes_files: bool) -> None:
    staging.takes_files = takes_files
    staging.load(table, batch)


@pytest.mark.parametrize("takes_files", [True, False])
def test_a_row_that_cannot_be_taken_stops_an_import_in_one_line(takes_files, engine):
    table = table_of(KnownAccount)
    twice = pa.RecordBatch.from_pydict({"account_hash": 2 * [bytes(32)]})

    with pytest.raises(ImportFailed) as failure, staged(engine, fresh=[table]) as staging:
        load(staging, table, twice, takes_files)
    assert "\n" not in str(failure.value)
    assert dump(engine, "known_account")["known_account"] == []
