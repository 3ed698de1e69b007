"""Crawls of the sandbox network in this process, and the rows that its truth asks for."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from crawler.crawl import Crawler, open_crawler
from crawler.network import Network, load_network
from crawler.progress import standing
from crawler.run import prepare
from crawler.sandbox import era_truth, truth
from crawler.sandbox.chain import Chain
from crawler.sandbox.networkfile import network_file
from crawler.sandbox.parameters import ChainParameters
from crawler.settings import CrawlerSettings
from tests.databases import dump

Rows = list[dict[str, Any]]

PATIENCE_S = 20
SMALL = {"blocks_per_era": 4, "upgrade_era": 8, "mixture": "mixed"}
"""A chain that is through the upgrade to 2.0 at block 32 and both treasuries at 92."""
SMALL_HEIGHT = 101


def chain_of(height: int, **parameters: Any) -> Chain:
    """A sandbox chain with its head at that height."""
    chain = Chain(ChainParameters(**parameters))
    chain.advance(height - chain.height)
    return chain


def network_of(chain: Chain, folder: Path) -> Network:
    """The chain's network, read from a file in `folder`."""
    path = folder / "network.toml"
    path.write_text(network_file(chain.parameters), encoding="utf-8")
    return load_network(str(path))


@dataclass(frozen=True)
class Crawl:
    """One crawl: where from, where to."""

    engine: Engine
    network: Network
    settings: CrawlerSettings

    def with_settings(self, **changes: Any) -> "Crawl":
        return replace(self, settings=self.settings.model_copy(update=changes))

    def prepare(self) -> None:
        prepare(self.engine, self.network, self.settings)

    def to_head(self) -> None:
        """Crawls until everything below the nodes' head is held and worked out."""
        self.prepare()
        asyncio.run(self._to_head())

    async def _to_head(self) -> None:
        async with open_crawler(self.engine, self.network, self.settings) as crawler:
            await crawl_to_head(crawler, self.engine)


async def crawl_to_head(crawler: Crawler, engine: Engine) -> None:
    stop = asyncio.Event()
    looked = float("-inf")
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if time.monotonic() - looked > 0.5:
                await crawler.look()
                looked = time.monotonic()
            if await crawler.crawl_one(stop) or await crawler.derive():
                continue
            if standing(engine).complete:
                return
            await asyncio.sleep(0.02)


def crawl_of(engine: Engine, network: Network, urls: list[str], **settings: Any) -> Crawl:
    """A crawl of these nodes, with every validator's rewards."""
    values = {"indexed_validators": "all", "rpc_nodes": ",".join(urls), "crawl_workers": 1}
    return Crawl(engine, network, CrawlerSettings(_env_file=None, **(values | settings)))


def block_rows(chain: Chain) -> Rows:
    """Rows of `block`, as the chain's own events make them."""
    listed = Counter(transfer.height for transfer in truth.transfers(chain))
    return [
        {
            "height": block.height,
            "hash": block.hash,
            "parent_hash": block.parent_hash,
            "era_id": block.era_id,
            "timestamp": _time(block.timestamp_ms),
            "proposer": block.proposer,
            "protocol_version": block.protocol_version,
            "state_root_hash": block.state_root_hash,
            "switch": block.switch,
            "total_supply": block.total_supply,
            "deploys": block.deploys,
            "transfers": block.transfers,
            "transfer_rows": listed[block.height],
            "staked": block.staked,
            "unstaked": block.unstaked,
            "redelegated": block.redelegated,
            "next_era_weight": block.next_era_weight,
            "validators": block.validators,
            "validators_rewards": block.validators_rewards,
            "delegators": block.delegators,
            "delegators_rewards": block.delegators_rewards,
        }
        for block in truth.blocks(chain)
    ]


def transfer_rows(chain: Chain) -> Rows:
    """Rows of `transfer`, depths included."""
    return [
        {
            "height": transfer.height,
            "index": transfer.index,
            "era_id": transfer.era_id,
            "kind": transfer.kind,
            "deploy_hash": transfer.transaction_hash,
            "timestamp": _time(transfer.timestamp_ms),
            "submitted_at": _time(transfer.submitted_at_ms),
            "from_account_hash": transfer.from_account_hash,
            "to_account_hash": transfer.to_account_hash,
            "source": transfer.source,
            "target": transfer.target,
            "amount": transfer.amount,
            "transfer_id": transfer.transfer_id,
            "depth": transfer.depth,
        }
        for transfer in truth.transfers(chain)
    ]


def era_rows(chain: Chain) -> Rows:
    """Rows of `era`."""
    rows = []
    for era in era_truth.eras(chain):
        paid = {
            "validators_rewards": era.validators_rewards if era.complete else None,
            "delegators_rewards": era.delegators_rewards if era.complete else None,
        }
        head = chain.height if era.end_height is None else era.end_height
        rows.append(
            {
                "id": era.era_id,
                "complete": era.complete,
                "start_block": era.start_height,
                "end_block": era.end_height,
                "start": _time(era.start_ms),
                "end": None if era.end_ms is None else _time(era.end_ms),
                "blocks": head - era.start_height + 1,
                "weight": era.weight,
                "total_supply": era.total_supply,
                "deploys": era.deploys,
                "transfers": era.transfers,
                "staked": era.staked,
                "unstaked": era.unstaked,
                "redelegated": era.redelegated,
                "transfer_volume": era.transfer_volume,
                "validators": era.validators,
                "delegators": era.delegators,
                **paid,
            }
        )
    return rows


def era_supply_rows(chain: Chain) -> Rows:
    """Rows of `era_supply`, of publication 0."""
    return [
        {
            "publication": 0,
            "era_id": supply.era_id,
            "transfers": supply.transfers,
            "unlocks": supply.unlocks,
            "rewards": supply.rewards,
        }
        for supply in era_truth.circulating(chain)
    ]


def era_validator_rows(chain: Chain) -> Rows:
    """Rows of `era_validator`."""
    return [
        {"era_id": era_id, "public_key": public_key, "weight": weight}
        for era_id, weights in sorted(truth.weights(chain).items())
        for public_key, weight in sorted(weights.items())
    ]


def reward_rows(chain: Chain) -> Rows:
    """Rows of `reward`, of every validator."""
    return [
        {"era_id": era_id, "validator": validator, "delegator": delegator, "amount": amount}
        for (era_id, validator, delegator), amount in sorted(truth.rewards(chain).items())
    ]


TRUTH = {
    "block": block_rows,
    "transfer": transfer_rows,
    "era": era_rows,
    "era_supply": era_supply_rows,
    "era_validator": era_validator_rows,
    "reward": reward_rows,
}


def truth_of(chain: Chain) -> dict[str, Rows]:
    """Table → the rows that a crawl of the whole chain must arrive at."""
    return {table: rows(chain) for table, rows in TRUTH.items()}


def differences(engine: Engine, chain: Chain) -> dict[str, Any]:
    """Table → the first row that is not as the chain's truth has it, beside that truth."""
    held = dump(engine, *TRUTH, "known_account")
    found = {}
    for table, rows in truth_of(chain).items():
        pairs = zip_longest(held[table], rows)
        found[table] = next((pair for pair in pairs if pair[0] != pair[1]), None)
    known = {row["account_hash"]: row["public_key"] for row in held["known_account"]}
    found["known_account"] = next(
        (
            (known.get(account), told.public_key)
            for account, told in truth.known_accounts(chain).items()
            if known.get(account) != told.public_key
        ),
        None,
    )
    return {table: difference for table, difference in found.items() if difference}


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(
        microsecond=milliseconds % 1000 * 1000
    )
