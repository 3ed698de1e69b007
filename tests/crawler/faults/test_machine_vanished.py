"""A machine that is gone without a word: not even the end of its connections reaches the server."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from crawler import database, ranges
from crawler.database import transact
from crawler.ranges import LEASE
from tests.crawler import storing
from tests.databases import engine_of

PATIENCE_S = 30


def test_what_a_vanished_machine_had_locked_is_soon_free(
    migrated_mysql: Engine, monkeypatch: pytest.MonkeyPatch
):
    transact(migrated_mysql, lambda session: ranges.plan(session, 0, 9))
    monkeypatch.setattr(database, "SILENCE_S", 1)
    vanished = engine_of(migrated_mysql.url.set(query={}).render_as_string(hide_password=False))
    connection = vanished.connect()
    ranges.claim(Session(connection), "vanished", storing.START)
    later = storing.START + LEASE + timedelta(seconds=1)
    assert storing.claim(migrated_mysql, "other", later) is None

    deadline = time.monotonic() + PATIENCE_S
    while storing.claim(migrated_mysql, "other", later) is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    connection.invalidate()
    vanished.dispose()
