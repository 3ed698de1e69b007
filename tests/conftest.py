"""A database for every test that asks for one: SQLite, and MariaDB beside it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from crawler.schema import upgrade
from tests.databases import KINDS, empty, engine_of, server_database

# without deadlines: on a busy machine a slow example is no failure
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
        return
    with server_database() as url:
        yield url


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest) -> Engine:
    """A database with every table of this release, without rows."""
    return request.getfixturevalue(f"migrated_{request.param}")


@pytest.fixture
def migrated_sqlite(migrated_file: Path, tmp_path: Path) -> Iterator[Engine]:
    copy = shutil.copy(migrated_file, tmp_path / "migrated.db")
    engine = engine_of(f"sqlite:///{copy}")
    yield engine
    engine.dispose()


@pytest.fixture
def migrated_mysql(migrated_server: Engine) -> Iterator[Engine]:
    yield migrated_server
    empty(migrated_server)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated once, copied for each test."""
    path = tmp_path_factory.mktemp("database") / "migrated.db"
    engine = engine_of(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_server() -> Iterator[Engine]:
    """Migrated once, emptied after each test."""
    with server_database() as url:
        engine = engine_of(url)
        upgrade(engine)
        yield engine
        engine.dispose()
