"""The small sandbox chain, its network, and its blocks as a crawl fetches them."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crawler.fetch import FetchedBlock, Fetcher
from crawler.network import Network
from crawler.node.client import make_client
from crawler.node.pool import Pool
from crawler.sandbox.chain import Chain
from crawler.sandbox.running import running
from tests.crawler import storing
from tests.crawler.crawls import SMALL, SMALL_HEIGHT, chain_of, network_of
from tests.databases import KINDS, engine_of


@pytest.fixture(scope="session")
def chain() -> Chain:
    """Not to be advanced: it is shared by all tests."""
    return chain_of(SMALL_HEIGHT, **SMALL)


@pytest.fixture(scope="session")
def network(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Network:
    return network_of(chain, tmp_path_factory.mktemp("network"))


@pytest.fixture(scope="session")
def fetched(chain: Chain, network: Network) -> list[FetchedBlock]:
    """Every block of the chain, by height."""
    with running(chain) as nodes:
        return asyncio.run(_fetch(nodes.urls, network, chain.height))


@pytest.fixture(scope="session")
def filled_file(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory, network: Network, fetched
) -> Path:
    """A SQLite file that holds the whole chain, everything worked out."""
    path = tmp_path_factory.mktemp("filled") / "filled.db"
    shutil.copy(migrated_file, path)
    engine = engine_of(f"sqlite:///{path}")
    storing.fill(engine, network, fetched)
    engine.dispose()
    return path


@pytest.fixture
def filled_sqlite(filled_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """A copy of it."""
    engine = engine_of(f"sqlite:///{shutil.copy(filled_file, tmp_path / 'filled.db')}")
    yield engine
    engine.dispose()


@pytest.fixture
def filled_mysql(migrated_mysql: Engine, network: Network, fetched) -> Engine:
    storing.fill(migrated_mysql, network, fetched)
    return migrated_mysql


@pytest.fixture(params=KINDS)
def filled(request: pytest.FixtureRequest) -> Engine:
    """A database that holds the whole chain, everything worked out."""
    return request.getfixturevalue(f"filled_{request.param}")


async def _fetch(urls: list[str], network: Network, head: int) -> list[FetchedBlock]:
    async with make_client(10, 8) as client:
        pool = Pool(urls, client, chain=network.name, concurrency=8)
        await pool.refresh()
        fetcher = Fetcher(
            pool,
            total_supply_uref=network.total_supply_uref,
            auction_contract=network.auction_contract or "",
        )
        return await fetcher.fetch(range(head + 1), None)
