"""The engine that the API asks on a server: what it does without, and what makes up for it."""

import anyio
import pytest
from sqlalchemy import event, text

from casper_dash.api.database import Database
from casper_dash.api.problems import DatabaseAway
from casper_dash.queries.blocks import newest_block
from crawler.database import make_reading_engine, write_session
from crawler.settings import CrawlerSettings
from tests.databases import on_server
from tests.factories import block, store

pytestmark = [pytest.mark.anyio, pytest.mark.mysql]


def reading(engine):
    url = engine.url.render_as_string(hide_password=False)
    return make_reading_engine(CrawlerSettings(_env_file=None, database_url=url))


@pytest.fixture
def reader(migrated_mysql):
    engine = reading(migrated_mysql)
    yield engine
    engine.dispose()


def add_block(engine, height):
    with write_session(engine) as session:
        store(session, blocks=[block(height)])


async def height(database):
    return (await database.ask(newest_block))["height"]


async def test_a_question_is_one_statement_without_ping_begin_or_rollback(reader):
    sent = []
    with reader.connect() as connection:
        driver = connection.connection.driver_connection
    command = driver._execute_command

    def note(kind, statement):
        sent.append(statement)
        return command(kind, statement)

    driver._execute_command = note
    with reader.connect() as connection:
        connection.execute(text("SELECT 1")).all()

    assert sent == [b"SELECT 1"]


async def test_each_question_sees_what_was_committed_just_before(reader, migrated_mysql):
    database = Database(reader)
    heights = []
    for number in range(3):
        add_block(migrated_mysql, number)
        heights.append(await height(database))

    assert heights == [0, 1, 2]


async def test_connections_that_the_server_has_closed_are_noticed_by_nobody(reader, migrated_mysql):
    add_block(migrated_mysql, 7)
    closed = []
    event.listen(reader, "checkin", lambda driver, _record: closed.append(driver))
    database = Database(reader)
    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(height, database)
    for driver in set(closed):
        on_server(f"KILL {driver.thread_id()}")

    assert [await height(database) for _ in range(5)] == [7] * 5
    assert not database.places.source.failing


async def test_a_server_that_is_gone_is_away_all_the_same():
    url = "mysql+pymysql://nobody@127.0.0.1:1/nothing"
    engine = make_reading_engine(CrawlerSettings(_env_file=None, database_url=url))

    with pytest.raises(DatabaseAway):
        await Database(engine).ask(newest_block)
