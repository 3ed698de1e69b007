"""Blocks a second out of a database into a snapshot, and back into each database, indexed."""

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from bench.figures import Figure
from bench.machines import databases
from crawler.database import make_engine, write_session
from crawler.derive.progress import ensure_first_publication
from crawler.models.chain import Block, KnownAccount, Transfer
from crawler.models.figures import Era, EraTouch
from crawler.network import Network, load_network
from crawler.schema import upgrade
from crawler.settings import CrawlerSettings
from crawler.snapshot.export import export_snapshot
from crawler.snapshot.load import import_snapshot
from crawler.state import open_crawl

_BLOCKS = 100_000
_GENESIS = datetime(2021, 3, 31, 15, 0, 39, 552000, tzinfo=UTC)
_BLOCKS_PER_ERA = 220
_BLOCKS_A_BATCH = 5000
_ACCOUNTS = 20_000


def measure() -> Iterator[Figure]:
    """A made-up history with a transfer in each block; checksums are inside the time."""
    network = load_network("sandbox")
    with tempfile.TemporaryDirectory() as folder, databases() as found:
        source = _migrated(f"sqlite:///{folder}/source.db")
        fill(source, network, _BLOCKS)
        path = Path(folder) / "snapshot"
        yield _figure("export, SQLite", lambda: export_snapshot(source, network, path))
        for name, url in found.items():
            engine = _migrated(url)
            yield _figure(
                f"import of a snapshot, {name}",
                lambda engine=engine: import_snapshot(engine, network, path),
            )
            engine.dispose()
        source.dispose()


def fill(engine: Engine, network: Network, blocks: int) -> None:
    """A made-up history as large as a real one, a transfer in each block."""
    with write_session(engine) as session:
        open_crawl(session, network.name, 0)
        ensure_first_publication(session, network, _GENESIS)
    for low in range(0, blocks, _BLOCKS_A_BATCH):
        heights = range(low, min(low + _BLOCKS_A_BATCH, blocks))
        with write_session(engine) as session:
            session.execute(insert(Block), [_block(height) for height in heights])
            session.execute(insert(Transfer), [_transfer(height) for height in heights])
    with write_session(engine) as session:
        session.execute(insert(KnownAccount), list(_accounts()))
        eras = range((blocks - 1) // _BLOCKS_PER_ERA + 1)
        session.execute(insert(Era), [_era(era_id) for era_id in eras])
        touches = [{"era_id": e, "stored": 1, "derived": 1, "stale": False} for e in eras]
        session.execute(insert(EraTouch), touches)


def _migrated(url: str) -> Engine:
    engine = make_engine(CrawlerSettings(_env_file=None, database_url=url))
    upgrade(engine)
    return engine


def _figure(name: str, work: Callable[[], object]) -> Figure:
    started = time.perf_counter()
    work()
    return Figure(name, _BLOCKS / (time.perf_counter() - started), "blocks/s")


def _digest(kind: str, number: int) -> str:
    return blake2b(f"{kind} {number}".encode(), digest_size=32).hexdigest()


def _time(height: int) -> datetime:
    return _GENESIS + timedelta(milliseconds=32_768 * height)


def _block(height: int) -> dict[str, Any]:
    switch = height % _BLOCKS_PER_ERA == _BLOCKS_PER_ERA - 1
    paid = 10**15 + height if switch else None
    return {
        "height": height,
        "hash": _digest("block", height),
        "parent_hash": _digest("block", height - 1),
        "era_id": height // _BLOCKS_PER_ERA,
        "timestamp": _time(height),
        "proposer": "01" + _digest("validator", height % 100),
        "protocol_version": "1.5.6",
        "state_root_hash": _digest("state", height),
        "switch": switch,
        "total_supply": 10**19 + height,
        "deploys": height % 7,
        "transfers": 1,
        "staked": height * 10**9,
        "unstaked": 0,
        "redelegated": 0,
        "next_era_weight": paid,
        "validators": 100 if switch else None,
        "validators_rewards": paid,
        "delegators": 9000 if switch else None,
        "delegators_rewards": paid,
    }


def _transfer(height: int) -> dict[str, Any]:
    return {
        "height": height,
        "index": 0,
        "era_id": height // _BLOCKS_PER_ERA,
        "kind": "native",
        "deploy_hash": _digest("deploy", height),
        "timestamp": _time(height),
        "submitted_at": _time(height),
        "from_account_hash": _digest("account", height * 7919 % _ACCOUNTS),
        "to_account_hash": _digest("account", height * 104729 % _ACCOUNTS),
        "source": f"uref-{_digest('purse', height % _ACCOUNTS)}-007",
        "target": f"uref-{_digest('purse', height * 3 % _ACCOUNTS)}-004",
        "amount": 25 * 10**8 + height,
        "transfer_id": height,
        "depth": None,
    }


def _accounts() -> Iterator[dict[str, Any]]:
    for number in range(_ACCOUNTS):
        yield {"account_hash": _digest("account", number), "public_key": None}


def _era(era_id: int) -> dict[str, Any]:
    start = era_id * _BLOCKS_PER_ERA
    return {
        "id": era_id,
        "complete": True,
        "start_block": start,
        "end_block": start + _BLOCKS_PER_ERA - 1,
        "start": _time(start),
        "end": _time(start + _BLOCKS_PER_ERA - 1),
        "blocks": _BLOCKS_PER_ERA,
        "weight": 10**18,
        "total_supply": 10**19,
        "deploys": 700,
        "transfers": _BLOCKS_PER_ERA,
        "staked": 10**14,
        "unstaked": 0,
        "redelegated": 0,
        "transfer_volume": 10**14,
        "validators": 100,
        "validators_rewards": 10**15,
        "delegators": 9000,
        "delegators_rewards": 10**15,
    }
