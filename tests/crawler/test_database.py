"""The database's engine gives up what will not come, and says why in one line."""

import pymysql
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import InterfaceError, OperationalError

from crawler import database
from crawler.database import explain, make_engine
from crawler.settings import CrawlerSettings


def engine_to(server: Engine, **options: int) -> Engine:
    url = server.url.set(query={}).render_as_string(hide_password=False)
    return make_engine(CrawlerSettings(_env_file=None, database_url=url), **options)


@pytest.mark.mysql
def test_a_server_that_does_not_answer_in_time_is_given_up(
    migrated_mysql: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database, "ANSWER_S", 1)
    engine = engine_to(migrated_mysql)
    with engine.connect() as connection, pytest.raises(OperationalError) as caught:
        connection.execute(text("SELECT SLEEP(20)"))
    engine.dispose()

    assert "Lost connection to MySQL server during query" in explain(caught.value, engine)


@pytest.mark.mysql
def test_a_command_on_whole_tables_is_more_patient(
    migrated_mysql: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database, "ANSWER_S", 1)
    monkeypatch.setattr(database, "SILENCE_S", 1)
    engine = engine_to(migrated_mysql, patience_s=600)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT SLEEP(2)")).scalar() == 0
        assert connection.execute(text("SELECT @@wait_timeout")).scalar() == 600
    engine.dispose()


def test_a_closed_connection_of_which_the_driver_says_nothing_is_told_all_the_same():
    engine = create_engine("mysql+pymysql://user:top-secret@127.0.0.1/dash")
    error = InterfaceError("SELECT 1", {}, pymysql.err.InterfaceError(0, ""))

    assert explain(error, engine) == (
        "database mysql+pymysql://user:***@127.0.0.1/dash: the connection is lost"
    )
