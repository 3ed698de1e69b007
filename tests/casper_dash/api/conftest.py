"""The application over a real database, asked in this process, at a time that a test sets."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event, insert

from casper_dash.api.app import create_app
from crawler.database import write_session
from crawler.network import Network, load_network
from tests.casper_dash.api.clients import asking
from tests.casper_dash.api.rows import MORE_TABLES
from tests.factories import GENESIS, TABLES


@dataclass
class Clock:
    """Stands still until a test moves it."""

    now: datetime = GENESIS

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def network() -> Network:
    return load_network("casper")


@pytest.fixture
async def client(
    engine: Engine, network: Network, clock: Clock
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(engine, network, clock=clock)
    async with asking(app) as http:
        yield http


@pytest.fixture
def stored(engine: Engine) -> Callable[..., None]:
    """Stores rows by the names of TABLES and MORE_TABLES, and commits."""
    tables = TABLES | MORE_TABLES

    def commit(**rows: list[dict[str, Any]]) -> None:
        with write_session(engine) as session:
            for name, values in rows.items():
                if values:
                    session.execute(insert(tables[name]), values)

    return commit


@pytest.fixture
def queries(engine: Engine) -> Iterator[list[str]]:
    """The SELECTs that the database is asked from here on."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "SELECT" in statement:
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)
