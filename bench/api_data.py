"""Databases of a size for the API: seeded once, and kept for the next run if BENCH_KEEP is set."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from bench import seed as seeds
from bench.machines import ROOT, SERVER
from bench.seed import Size, seed
from crawler.database import make_engine
from crawler.schema import upgrade
from crawler.settings import CrawlerSettings


@contextmanager
def seeded(name: str, size: Size) -> Iterator[str]:
    """The address of a MariaDB database with so much in it."""
    database = f"casper_dash_bench_{name}"
    url, mark = f"{SERVER}/{database}", _mark(size)
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        held = "SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = :name"
        found = connection.execute(
            text(f"{held} AND TABLE_NAME = 'bench_seed'"), {"name": database}
        ).scalar()
        if found != mark:
            connection.execute(text(f"DROP DATABASE IF EXISTS {database}"))
            connection.execute(text(f"CREATE DATABASE {database}"))
            _fill(url, size)
            connection.execute(
                text(f"CREATE TABLE {database}.bench_seed (id INT) COMMENT '{mark}'")
            )
    try:
        yield url
    finally:
        if not os.environ.get("BENCH_KEEP"):
            with server.connect() as connection:
                connection.execute(text(f"DROP DATABASE {database}"))
        server.dispose()


def _fill(url: str, size: Size) -> None:
    engine = make_engine(CrawlerSettings(_env_file=None, database_url=url))
    upgrade(engine)
    engine.dispose()
    seed(url, size)


def _mark(size: Size) -> str:
    """Changes with the size, the seeds and the migrations."""
    digest = hashlib.blake2b(repr(size).encode(), digest_size=8)
    for file in (Path(seeds.__file__), *sorted((ROOT / "alembic" / "versions").glob("*.py"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()
