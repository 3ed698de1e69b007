"""A database of the older platform, in its own schema: of a sandbox chain, or made up and large.

Written as mysqldump writes it; a server is filled with the same statements.
"""

import gzip
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from crawler.parse.keys import account_hash
from crawler.sandbox.chain import Chain
from tests.crawler.crawls import block_rows, era_rows, reward_rows, transfer_rows

CSPR = 10**9
Tables = dict[str, Iterable[tuple[Any, ...]]]

_COLUMNS = {
    "Block": "id int nn, block_hash varchar(128) nn, era_id int nn, circulating_supply bigint,"
    " validators_weight bigint, total_supply bigint nn, state_root_hash varchar(64) nn,"
    " transfers_count int, deploys_count int, staked_this_block bigint nn,"
    " next_era_validators_weights bigint, validators_rewards bigint, delegators_rewards bigint,"
    " rewards bigint, validators_count int, delegators_count int, switch tinyint(1),"
    " unstaked_this_block bigint nn, timestamp timestamp(3) nn",
    "Era": "id int nn, start_block int nn, transfers_count int, deploys_count int, end_block int,"
    " start timestamp(3) nn, end timestamp(3) null, circulating_supply bigint nn,"
    " validators_circulating_supply bigint, transfers_circulating_supply bigint,"
    " rewards_circulating_supply bigint, validators_weights bigint nn, total_supply bigint nn,"
    " validators_rewards bigint, delegators_rewards bigint, rewards bigint, validators_count int,"
    " delegators_count int, staked_this_era bigint, unstaked_this_era bigint,"
    " staked_diff_this_era bigint",
    "Transfer": "id int nn, timestamp timestamp nn, depth int nn, approved tinyint(1),"
    " blockHeight int nn, eraId int nn, deployhash varchar(80) nn, from varchar(80) nn,"
    " fromhash varchar(80) nn, to varchar(80), tohash varchar(80) nn, amount varchar(25) nn,"
    " denomAmount int",
    "KnownAccount": "id int nn, hash varchar(80) nn, hex varchar(80), name varchar(32),"
    " comment varchar(255)",
    "ValidatorsUnlock": "id int nn, day int nn, timestamp timestamp nn, amount varchar(512) nn",
    "Delegators": "id int nn, eraId int nn, validator varchar(80) nn, delegator varchar(80) nn,"
    " amount varchar(20) nn, usd_amount float nn, created_at timestamp null",
    "Balance": "id int nn, account_hash varchar(128) nn, amount varchar(40) nn,"
    " denom_amount bigint nn, block_height int nn",
    "Price": "id int nn, date datetime nn, open float nn, close float nn, high float nn,"
    " low float nn, volumefrom float nn, volumeto float nn",
    "Peers": "id int nn, ip varchar(512) nn, performance varchar(512), hostname varchar(512),"
    " city varchar(512), region varchar(512), country varchar(512), loc varchar(512),"
    " org varchar(512), postal varchar(512), timezone varchar(512), api_version varchar(512),"
    " mission varchar(512), public_key varchar(512), rpc varchar(512), status varchar(512),"
    " metrics varchar(512), errors varchar(512), peer_ip varchar(512) nn, version int nn,"
    " bogon tinyint(1), catch_time datetime nn, added datetime",
    "AdminLog": "id int nn, date datetime nn, userId int nn, userName varchar(512),"
    " userEmail varchar(512) nn, action varchar(512) nn, extra longtext",
    "User": "id int nn, email varchar(512) nn, password varchar(512), faSecret varchar(512),"
    " role varchar(512) nn, active tinyint(1), deleted tinyint(1)",
    "Processing": "id int nn, type varchar(512) nn, value int nn",
}
_NUMBERED = set(_COLUMNS) - {"Block", "Era"}
_ROWS_A_STATEMENT = 1000


def of_chain(chain: Chain, *, approved: frozenset[int] = frozenset()) -> Tables:
    """What the older platform would hold of a sandbox chain; ids of approved transfers from 1."""
    blocks, transfers = block_rows(chain), transfer_rows(chain)
    native = [row for row in transfers if row["kind"] == "native"]
    return {
        "Block": [_block(row) for row in blocks],
        "Era": [_era(row) for row in era_rows(chain)],
        "Transfer": [_transfer(n, row, n in approved) for n, row in enumerate(native, 1)],
        "Delegators": [
            (n, r["era_id"], r["validator"], r["delegator"], str(r["amount"]), 0.5, None)
            for n, r in enumerate(reward_rows(chain), 1)
            if len(r["delegator"]) in (66, 68)
        ],
        **_decisions(blocks[0]["timestamp"]),
    }


def made_up(blocks: int, genesis: datetime) -> Tables:
    """A large one, a transfer in each block; rows are made while they are read."""
    times = [genesis + timedelta(seconds=32 * n) for n in range(0, blocks, 100)]
    eras = (
        (n, 100 * n, 100, 50, 100 * n + 99, time, time + timedelta(seconds=3168), *(5,) * 14)
        for n, time in enumerate(times)
    )
    return {
        "Block": (_made_up_block(height, genesis) for height in range(blocks)),
        "Era": eras,
        "Transfer": (_made_up_transfer(height, genesis) for height in range(blocks)),
        **_decisions(genesis),
    }


def write_dump(path: Path, tables: Tables, *, complete: bool = True) -> Path:
    """As mysqldump writes it; packed when the name says so."""
    opened: Any = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt") as file:
        file.write("-- MySQL dump 10.13  Distrib 8.0.28\n\n/*!40103 SET TIME_ZONE='+00:00' */;\n")
        for statement in statements(tables):
            file.write(f"{statement};\n")
        if complete:
            file.write("\n-- Dump completed on 2022-06-23 10:11:12\n")
    return path


def fill_server(url: str, tables: Tables) -> None:
    """Makes the tables on a server, whose clock is UTC as far as they are concerned."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET SESSION time_zone = '+00:00'")
        cursor = connection.connection.cursor()
        for statement in statements(tables):
            cursor.execute(statement)
    engine.dispose()


def statements(tables: Tables) -> Iterator[str]:
    """CREATE TABLE and INSERT statements, by table name."""
    for name in sorted(_COLUMNS.keys() & tables.keys()):
        yield _create(name)
        waiting: list[str] = []
        for row in tables[name]:
            waiting.append("(" + ",".join(map(literal, row)) + ")")
            if len(waiting) == _ROWS_A_STATEMENT:
                yield f"INSERT INTO `{name}` VALUES {','.join(waiting)}"
                waiting = []
        if waiting:
            yield f"INSERT INTO `{name}` VALUES {','.join(waiting)}"


def literal(value: Any) -> str:
    """A value as mysqldump writes it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return f"'{value.strftime('%Y-%m-%d %H:%M:%S')}.{value.microsecond // 1000:03d}'"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
        return f"'{escaped}'"
    return str(value)


def _create(name: str) -> str:
    lines = []
    for column in _COLUMNS[name].split(", "):
        title, kind, *rest = column.split()
        null = " NOT NULL" if rest == ["nn"] else " NULL"
        number = " AUTO_INCREMENT" if title == "id" and name in _NUMBERED else ""
        # without a default the first timestamp of a table would follow every update
        default = " DEFAULT '2021-01-01'" if kind.startswith("timestamp") and rest == ["nn"] else ""
        lines.append(f"  `{title}` {kind}{null}{default}{number}")
    body = ",\n".join([*lines, "  PRIMARY KEY (`id`)"])
    return f"CREATE TABLE `{name}` (\n{body}\n) ENGINE=InnoDB DEFAULT CHARSET=latin1"


def _decisions(genesis: datetime) -> Tables:
    key = "01" + "ab" * 32
    account = f"account-hash-{account_hash(key)}"
    hour, second = genesis.replace(minute=0, second=0, microsecond=0), _second(genesis)
    peer = ("10.0.0.1", "22.39", None, "Tokyo", "Tokyo", "JP", "35.62,139.77", "AS1 Host", "135")
    rest = ("Asia/Tokyo", "1.4.5", "VALIDATOR", key.upper(), None, None, None, "false", "10.0.0.1")
    return {
        "KnownAccount": [
            (1, account, None, "Exchange A", None),
            (2, account.upper().replace("ACCOUNT-HASH", "account-hash"), key, None, "it's\nhot"),
            (3, "account-hash-" + "cd" * 32, key, "Wrong key", None),
            (4, "uref-" + "ef" * 32 + "-007", None, "A purse", None),
        ],
        "ValidatorsUnlock": [
            (1, 90, second + timedelta(days=90), "252547901142857142857"),
            (2, 91, second + timedelta(days=91), "252547901142857142857"),
            (3, 91, second + timedelta(days=91), "1000000000"),
        ],
        "Balance": [(1, "cd" * 32, "123456789012345", 123456, 3), (2, "cd" * 32, "1", 0, 3)],
        "Price": [
            (1, hour, 0, 0, 0, 0, 0, 0),
            (2, hour + timedelta(hours=1), 0.1051, 0.1047, 0.106, 0.104, 1523000, 159800),
            (3, hour + timedelta(hours=1), 0.2, 0.2, 0.2, 0.2, 1, 1),
        ],
        "Peers": [
            (1, *peer, *rest, 7, 0, hour, None),
            (2, "10.0.0.2", *peer[1:], *rest, 6, 0, hour, None),
        ],
        "User": [(1, "who@example.org", "$2b$10$secret", "SECRET'); DROP", "editor", 1, 0)],
        "AdminLog": [(1, hour, 1, "Who", "who@example.org", "approved", "a;b|c")],
        "Processing": [(1, "updating", 0)],
    }


def _block(row: dict[str, Any]) -> tuple[Any, ...]:
    def cut(name: str) -> int:
        return (row[name] or 0) // CSPR

    rewards = ((row["validators_rewards"] or 0) + (row["delegators_rewards"] or 0)) // CSPR
    return (
        *(row["height"], row["hash"], row["era_id"], 0, 0, cut("total_supply")),
        *(row["state_root_hash"], row["transfers"], row["deploys"], cut("staked")),
        *(cut("next_era_weight"), cut("validators_rewards"), cut("delegators_rewards"), rewards),
        *(row["validators"] or 0, row["delegators"] or 0, row["switch"], cut("unstaked")),
        row["timestamp"],
    )


def _era(row: dict[str, Any]) -> tuple[Any, ...]:
    def cut(name: str) -> int:
        return (row[name] or 0) // CSPR

    return (
        *(row["id"], row["start_block"], row["transfers"], row["deploys"], row["end_block"]),
        *(row["start"], row["end"], 0, 0, 0, 0, cut("weight"), cut("total_supply")),
        *(cut("validators_rewards"), cut("delegators_rewards"), 0),
        *(row["validators"], row["delegators"], cut("staked"), cut("unstaked"), 0),
    )


def _transfer(number: int, row: dict[str, Any], approved: bool) -> tuple[Any, ...]:
    receiver = row["to_account_hash"]
    return (
        *(number, _second(row["submitted_at"]), 0, approved, row["height"], row["era_id"]),
        *(row["deploy_hash"].upper(), "01" + "00" * 32, f"account-hash-{row['from_account_hash']}"),
        *("", f"account-hash-{receiver}" if receiver else row["target"]),
        *(str(row["amount"]), min(row["amount"] // CSPR, 2**31 - 1)),
    )


def _second(time: datetime) -> datetime:
    """As a `timestamp` column keeps it."""
    return time.replace(microsecond=0)


def _digest(kind: str, number: int) -> str:
    return blake2b(f"{kind} {number}".encode(), digest_size=32).hexdigest()


def _made_up_block(height: int, genesis: datetime) -> tuple[Any, ...]:
    switch = height % 100 == 99
    time = genesis + timedelta(seconds=32 * height)
    return (
        *(height, _digest("block", height), height // 100, 0, 0, 10**10),
        *(_digest("state", height), 1, 2, 3, 9, 1, 2, 3, 100, 200, switch, 4, time),
    )


def _made_up_transfer(height: int, genesis: datetime) -> tuple[Any, ...]:
    time = _second(genesis + timedelta(seconds=32 * height))
    return (
        *(height + 1, time, 0, height % 10 == 0, height, height // 100, _digest("deploy", height)),
        *("01" + "00" * 32, f"account-hash-{_digest('account', height % 500)}", ""),
        *(f"account-hash-{_digest('account', height % 700)}", str(2500 * CSPR + height), 2500),
    )


GENESIS = datetime(2021, 3, 31, 15, 0, 39, 552000, tzinfo=UTC)
"""Mainnet's."""
