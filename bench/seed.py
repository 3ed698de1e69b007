"""A chain's worth of rows, the same each time: made from numbers alone, loaded in bulk."""

import csv
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlmodel import SQLModel

from crawler.columns import Hex
from crawler.models.chain import Block, EraValidator, KnownAccount, Reward, Transfer
from crawler.models.decisions import Publication
from crawler.models.feeds import Peer, PeerVersion, Price
from crawler.models.figures import DeriveState, Era, EraSupply
from crawler.models.table import table_of
from crawler.models.work import CrawlState

Row = dict[str, Any]

_GENESIS = datetime(2021, 3, 31, 15, tzinfo=UTC)
_BLOCK_TIME = timedelta(seconds=16)
_CSPR = 10**9


@dataclass(frozen=True)
class Size:
    """How much there is. Half of all transfers are between the first 20 accounts."""

    blocks: int = 1_000_000
    eras: int = 20_000
    transfers: int = 500_000
    accounts: int = 20_000
    validators: int = 100
    rewards: int = 120_000
    prices: int = 30_000

    @property
    def blocks_per_era(self) -> int:
        return self.blocks // self.eras


def number(*of: object) -> int:
    """A number that looks random and is always the same for the same words."""
    return int.from_bytes(blake2b(repr(of).encode(), digest_size=8).digest(), "big")


def digest(*of: object) -> str:
    """64 hex digits, likewise."""
    return blake2b(repr(of).encode(), digest_size=32).hexdigest()


def public_key(account: int) -> str:
    """The key of an account; validators are the first of them."""
    return "01" + digest("key", account)


def account(account: int) -> str:
    """The account hash of an account."""
    return digest("account", account)


def seed(url: str, size: Size) -> None:
    """Fills the migrated, empty MariaDB or MySQL at this address."""
    engine = create_engine(url, connect_args={"local_infile": True})
    with tempfile.TemporaryDirectory() as folder, engine.begin() as connection:
        for setting in ("unique_checks", "foreign_key_checks"):
            connection.execute(text(f"SET {setting} = 0"))
        for model, rows in _TABLES.items():
            with _indexed_afterwards(connection, table_of(model).name):
                load(connection, Path(folder) / table_of(model).name, model, rows(size))
    with engine.connect() as connection:
        for model in _TABLES:
            connection.execute(text(f"ANALYZE TABLE {table_of(model).name}"))
    engine.dispose()


@contextmanager
def _indexed_afterwards(connection: Connection, table: str) -> Iterator[None]:
    """An index is made faster of all rows at once than row by row."""
    definition = connection.execute(text(f"SHOW CREATE TABLE {table}")).one()[1]
    keys = re.findall(r"^  (KEY (`\w+`) .*?),?$", definition, re.M)
    if keys:
        connection.execute(text(f"ALTER TABLE {table} {_each('DROP KEY', (k[1] for k in keys))}"))
    yield
    if keys:
        connection.execute(text(f"ALTER TABLE {table} {_each('ADD', (k[0] for k in keys))}"))


def _each(verb: str, objects: Iterable[str]) -> str:
    return ", ".join(f"{verb} {each}" for each in objects)


def load(connection: Connection, file: Path, model: type[SQLModel], rows: Iterable[Row]) -> None:
    """Rows by column name into a table of MariaDB or MySQL, through a file that is removed."""
    _write(file, model, rows)
    connection.execute(text(_load(file, model)))
    file.unlink()


def _write(file: Path, model: type[SQLModel], rows: Iterable[Row]) -> None:
    names = [column.name for column in table_of(model).columns]
    with file.open("w", newline="") as out:
        writer = csv.writer(out, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n")
        for row in rows:
            writer.writerow([_cell(row.get(name)) for name in names])


def _cell(value: Any) -> Any:
    if value is None:
        return r"\N"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return int(value) if isinstance(value, bool) else value


def _load(file: Path, model: type[SQLModel]) -> str:
    columns = list(table_of(model).columns)
    hexes = [column.name for column in columns if isinstance(column.type, Hex)]
    named = ", ".join(
        f"@{each.name}" if each.name in hexes else f"`{each.name}`" for each in columns
    )
    sets = ", ".join(f"`{name}` = UNHEX(@{name})" for name in hexes)
    return (
        f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {table_of(model).name}"
        f" FIELDS TERMINATED BY '\\t' ({named}){f' SET {sets}' if sets else ''}"
    ).replace(":", r"\:")


def _blocks(size: Size) -> Iterator[Row]:
    for height in range(size.blocks):
        switch = height % size.blocks_per_era == size.blocks_per_era - 1
        yield {
            "height": height,
            "hash": digest("block", height),
            "parent_hash": digest("block", height - 1),
            "era_id": height // size.blocks_per_era,
            "timestamp": _GENESIS + height * _BLOCK_TIME,
            "proposer": public_key(number("proposer", height) % size.validators),
            "protocol_version": "2.0.1",
            "state_root_hash": digest("state", height),
            "switch": switch,
            "total_supply": 10**19 + height * _CSPR,
            "deploys": number("deploys", height) % 4,
            "transfers": number("transfers", height) % 3,
            "staked": number("staked", height) % (1000 * _CSPR),
            "unstaked": number("unstaked", height) % (900 * _CSPR),
            "redelegated": 0,
            **(_paid(height) if switch else {}),
        }


def _paid(seed_of: int) -> Row:
    return {
        "next_era_weight": 6 * 10**18 + number("weight", seed_of) % 10**17,
        "validators": 100,
        "validators_rewards": number("validators", seed_of) % (10_000 * _CSPR),
        "delegators": 20_000 + number("delegators", seed_of) % 500,
        "delegators_rewards": number("rewards", seed_of) % (90_000 * _CSPR),
    }


def _eras(size: Size) -> Iterator[Row]:
    for era_id in range(size.eras):
        first, last = era_id * size.blocks_per_era, (era_id + 1) * size.blocks_per_era - 1
        paid = _paid(last)
        yield {
            "id": era_id,
            "complete": True,
            "start_block": first,
            "end_block": last,
            "start": _GENESIS + first * _BLOCK_TIME,
            "end": _GENESIS + last * _BLOCK_TIME,
            "blocks": size.blocks_per_era,
            "weight": paid.pop("next_era_weight"),
            "total_supply": 10**19 + last * _CSPR,
            "deploys": number("deploys of", era_id) % 200,
            "transfers": number("transfers of", era_id) % 150,
            "staked": number("staked of", era_id) % (50_000 * _CSPR),
            "unstaked": number("unstaked of", era_id) % (45_000 * _CSPR),
            "redelegated": 0,
            "transfer_volume": number("volume of", era_id) % (900_000 * _CSPR),
            **paid,
        }


def _supplies(size: Size) -> Iterator[Row]:
    for era_id in range(size.eras):
        yield {
            "publication": 0,
            "era_id": era_id,
            "transfers": era_id * 10**14,
            "unlocks": 3 * 10**18,
            "rewards": era_id * 10**13,
        }


def _transfers(size: Size) -> Iterator[Row]:
    every = size.blocks // size.transfers
    for place in range(size.transfers):
        height = place * every
        sender, receiver = _parties(size, place)
        time = _GENESIS + height * _BLOCK_TIME
        yield {
            "height": height,
            "index": 0,
            "era_id": height // size.blocks_per_era,
            "kind": "native",
            "deploy_hash": digest("deploy", place),
            "timestamp": time,
            "submitted_at": time - timedelta(seconds=5),
            "from_account_hash": account(sender),
            "to_account_hash": account(receiver),
            "source": f"uref-{digest('purse', sender)}",
            "target": f"uref-{digest('purse', receiver)}",
            "amount": number("amount", place) % (10**6 * _CSPR) + 1,
            "transfer_id": place,
            "depth": number("depth", place) % 4,
        }


def _parties(size: Size, place: int) -> tuple[int, int]:
    among = 20 if place % 2 else size.accounts
    return number("sender", place) % among, number("receiver", place) % among


def _accounts(size: Size) -> Iterator[Row]:
    for each in range(size.accounts):
        name = f"Account {each}" if each < 50 else None
        yield {"account_hash": account(each), "public_key": public_key(each), "name": name}


def _validators(size: Size) -> Iterator[Row]:
    for era_id in range(size.eras - 200, size.eras):
        for each in range(size.validators):
            weight = 10**17 // (each + 1) + era_id
            yield {"era_id": era_id, "public_key": public_key(each), "weight": weight}


def _rewards(size: Size) -> Iterator[Row]:
    """Ten delegators of one validator in each of the newest eras."""
    for place in range(size.rewards):
        yield {
            "era_id": size.eras - 1 - place // 10,
            "validator": public_key(0),
            "delegator": public_key(1000 + place % 10),
            "amount": number("reward", place) % (10 * _CSPR),
        }


def _prices(size: Size) -> Iterator[Row]:
    for hour in range(size.prices):
        close = Decimal(number("price", hour) % 10**9).scaleb(-10)
        four = dict.fromkeys(("open", "high", "low", "close"), close)
        volumes = {"volume_cspr": 10**6, "volume_usd": 10**4}
        yield {"hour": _GENESIS + timedelta(hours=hour), **four, **volumes, "rounded": False}


def _peers(size: Size) -> Iterator[Row]:
    for each in range(size.validators):
        yield {
            "version": 1,
            "address": f"10.0.0.{each}:35000",
            "public_key": public_key(each),
            "country": "CH",
            "city": "Zug",
            "latitude": Decimal("47.166"),
            "longitude": Decimal("8.515"),
        }


def _crawl_state(size: Size) -> Iterator[Row]:
    top = size.blocks - 1
    seen_at = _GENESIS + top * _BLOCK_TIME
    yield {
        "id": 0,
        "network": "casper",
        "crawl_from": 0,
        "planned_to": top,
        "head_height": top,
        "head_hash": digest("block", top),
        "head_era_id": size.eras - 1,
        "head_timestamp": seen_at,
        "head_seen_at": seen_at,
        "head_changed_at": seen_at,
    }


def _one(**row: Any) -> Callable[[Size], Iterator[Row]]:
    return lambda size: iter([row])


_TABLES: dict[type[SQLModel], Callable[[Size], Iterator[Row]]] = {
    Block: _blocks,
    Era: _eras,
    EraSupply: _supplies,
    Transfer: _transfers,
    KnownAccount: _accounts,
    EraValidator: _validators,
    Reward: _rewards,
    Price: _prices,
    PeerVersion: _one(version=1, refreshed_at=_GENESIS, source="bench"),
    Peer: _peers,
    CrawlState: _crawl_state,
    DeriveState: lambda size: iter([{"id": 0, "depth_to": size.blocks - 1, "publication": 0}]),
    Publication: _one(id=0, published_at=_GENESIS, schedule=0),
}
