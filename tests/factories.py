"""Valid rows by default; a test names only what it is about."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import insert

from crawler.models.chain import Block
from crawler.models.figures import DeriveState, Era, EraSupply, EraTouch
from crawler.models.work import CrawlRange, CrawlState

CSPR = 10**9
GENESIS = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BLOCK_TIME = timedelta(seconds=8)
BLOCKS_PER_ERA = 10
VALIDATORS = ("01" + "a1" * 32, "02" + "02" + "b2" * 32)


def digest(name: str) -> str:
    """A hash that is this name's alone."""
    return blake2b(name.encode(), digest_size=32).hexdigest()


def block(height: int, **changes: Any) -> dict[str, Any]:
    """A row of `block`: eras of ten blocks, one every eight seconds, two proposers in turn."""
    switch = height % BLOCKS_PER_ERA == BLOCKS_PER_ERA - 1
    row = {
        "height": height,
        "hash": digest(f"block {height}"),
        "parent_hash": digest(f"block {height - 1}"),
        "era_id": height // BLOCKS_PER_ERA,
        "timestamp": GENESIS + height * BLOCK_TIME,
        "proposer": VALIDATORS[height % 2],
        "protocol_version": "2.0.1",
        "state_root_hash": digest(f"state {height}"),
        "switch": switch,
        "total_supply": 10**19 + height,  # past 2^63
        "deploys": height % 3,
        "transfers": height % 5,
        "transfer_rows": height % 5,
        "staked": height * CSPR,
        "unstaked": 0,
        "redelegated": 0,
        "next_era_weight": 4 * 10**18 if switch else None,
        "validators": 2 if switch else None,
        "validators_rewards": 3 * CSPR if switch else None,
        "delegators": 7 if switch else None,
        "delegators_rewards": 5 * CSPR if switch else None,
    }
    return row | changes


def era(era_id: int, **changes: Any) -> dict[str, Any]:
    """A row of `era`: complete, of ten blocks."""
    start = era_id * BLOCKS_PER_ERA
    row = {
        "id": era_id,
        "complete": True,
        "start_block": start,
        "end_block": start + BLOCKS_PER_ERA - 1,
        "start": GENESIS + start * BLOCK_TIME,
        "end": GENESIS + (start + BLOCKS_PER_ERA - 1) * BLOCK_TIME,
        "blocks": BLOCKS_PER_ERA,
        "weight": 4 * 10**18,
        "total_supply": 10**19 + era_id,
        "deploys": 10,
        "transfers": 20,
        "staked": 30 * CSPR,
        "unstaked": 0,
        "redelegated": 0,
        "validators": 2,
        "validators_rewards": 3 * CSPR,
        "delegators": 7,
        "delegators_rewards": 5 * CSPR,
        "transfer_volume": 70 * CSPR,
    }
    return row | changes


def running_era(era_id: int, *, blocks: int, **changes: Any) -> dict[str, Any]:
    """A row of `era` of which so many first blocks are held."""
    unknown = dict.fromkeys(
        ["end_block", "end", "validators", "validators_rewards", "delegators", "delegators_rewards"]
    )
    return era(era_id, complete=False, blocks=blocks) | unknown | changes


def era_supply(era_id: int, **changes: Any) -> dict[str, Any]:
    """A row of `era_supply`, of publication 0."""
    row = {
        "publication": 0,
        "era_id": era_id,
        "transfers": 1 * CSPR,
        "unlocks": 20 * CSPR,
        "rewards": 300 * CSPR,
    }
    return row | changes


def crawl_state(head: int, **changes: Any) -> dict[str, Any]:
    """The row of `crawl_state` while the crawl is at this head, just seen."""
    top = block(head)
    row = {
        "id": 0,
        "network": "casper-test",
        "crawl_from": 0,
        "planned_to": head,
        "head_height": head,
        "head_hash": top["hash"],
        "head_era_id": top["era_id"],
        "head_timestamp": top["timestamp"],
        "head_seen_at": top["timestamp"] + timedelta(seconds=1),
        "head_changed_at": top["timestamp"] + timedelta(seconds=1),
        "failure": None,
    }
    return row | changes


def crawl_range(first: int, last: int, **changes: Any) -> dict[str, Any]:
    """A row of `crawl_range` that a worker has begun."""
    return {"first": first, "last": last, "attempts": 1} | changes


def derive_state(**changes: Any) -> dict[str, Any]:
    """The row of `derive_state`: readers see publication 0."""
    return {"id": 0, "depth_to": -1, "publication": 0} | changes


def era_touch(era_id: int, *, stale: bool) -> dict[str, Any]:
    """A row of `era_touch`: whether the era's figures are behind its blocks."""
    return {"era_id": era_id, "stored": 2, "derived": 1 if stale else 2, "stale": stale}


TABLES = {
    "blocks": Block,
    "eras": Era,
    "supplies": EraSupply,
    "crawl": CrawlState,
    "ranges": CrawlRange,
    "derive": DeriveState,
    "touches": EraTouch,
}


def store(session: Any, **rows: list[dict[str, Any]]) -> None:
    """Inserts rows by the names of TABLES; the caller's session commits."""
    for name, values in rows.items():
        if values:
            session.execute(insert(TABLES[name]), values)
