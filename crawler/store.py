"""The only writer of facts: what fetching found, one transaction a batch, idempotent by keys."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlmodel import Session, SQLModel

from crawler import telemetry
from crawler.database import upsert
from crawler.fetch import FetchedBlock
from crawler.models.chain import (
    BLOCK,
    KNOWN_ACCOUNT,
    TRANSFER,
    Block,
    EraValidator,
    KnownAccount,
    Reward,
    Transfer,
)
from crawler.models.figures import ERA_TOUCH, EraTouch
from crawler.models.table import table_of

Row = dict[str, Any]


class BrokenLink(Exception):
    """A block contradicts a held one: another hash for its height, or for its parent or child."""

    def __init__(self, height: int, expected: str, found: str) -> None:
        super().__init__(f"block {height}: its neighbours say {expected}, it is {found}")
        self.height = height


def store_blocks(
    session: Session, fetched: Sequence[FetchedBlock], *, indexed: Collection[str] = ()
) -> int:
    """Stores blocks (rising heights) with all that belongs to them; how many were new.

    Heights that are held stay as they are: crawling twice changes nothing. `indexed` are the
    validators whose delegators' rewards are kept, or "all". Raises BrokenLink, storing nothing.
    """
    _check_links(session, fetched)
    known = _held(session, fetched)
    new = [item for item in fetched if item.block.height not in known]
    if new:
        _insert(session, Block, [_block_row(item) for item in new])
        _insert(session, Transfer, [row for item in new for row in _transfer_rows(item)])
        _insert_missing(session, EraValidator, [r for item in new for r in _validator_rows(item)])
        _insert_missing(session, Reward, [r for item in new for r in _reward_rows(item, indexed)])
        touch_eras(session, _eras(new))
    return len(new)


def learn_accounts(session: Session, fetched: Iterable[FetchedBlock]) -> None:
    """Adds public keys to account hashes; a key that is known stays.

    Its own transaction, before the blocks': workers meet on these rows, and keep them short.
    """
    keys: dict[str, str] = {}
    for item in fetched:
        keys |= item.figures.known_accounts
    # in one order, so that two workers wait for each other instead of deadlocking
    rows = [{"account_hash": key, "public_key": keys[key]} for key in sorted(keys)]
    held_key = KNOWN_ACCOUNT.public_key
    upsert(
        session,
        KnownAccount,
        rows,
        lambda new: {"public_key": func.coalesce(held_key, new.public_key)},
    )


def forget_blocks(session: Session, first: int, last: int) -> None:
    """Deletes blocks of these heights and their transfers, so that they are crawled again."""
    session.execute(delete(Transfer).where(TRANSFER.height.between(first, last)))
    session.execute(delete(Block).where(BLOCK.height.between(first, last)))


def touch_eras(session: Session, eras: Collection[int]) -> None:
    """Marks eras as to be worked out again."""
    rows = [{"era_id": era_id, "stored": 1, "derived": 0, "stale": True} for era_id in sorted(eras)]
    stored = ERA_TOUCH.stored
    upsert(session, EraTouch, rows, lambda new: {"stored": stored + new.stored, "stale": new.stale})


def _check_links(session: Session, fetched: Sequence[FetchedBlock]) -> None:
    hashes = {item.block.height: item.block.hash for item in fetched}
    parents = {item.block.height: item.block.parent_hash for item in fetched}
    outside = {height - 1 for height in hashes} | {height + 1 for height in hashes}
    question = select(BLOCK.height, BLOCK.hash, BLOCK.parent_hash).where(
        BLOCK.height.in_(outside | hashes.keys())
    )
    for height, held_hash, parent_hash in session.execute(question):
        if hashes.setdefault(height, held_hash) != held_hash:
            raise BrokenLink(height, held_hash, hashes[height])
        parents.setdefault(height, parent_hash)
    for height, parent_hash in parents.items():
        before = hashes.get(height - 1)
        if before is not None and before != parent_hash:
            raise BrokenLink(height - 1, parent_hash, before)


def _held(session: Session, fetched: Sequence[FetchedBlock]) -> set[int]:
    heights = [item.block.height for item in fetched]
    question = select(BLOCK.height).where(BLOCK.height.in_(heights))
    return set(session.execute(question).scalars())


def _eras(new: Sequence[FetchedBlock]) -> set[int]:
    # a switch block tells the next era its weight and where it starts
    return {item.block.era_id for item in new} | {
        item.block.era_id + 1 for item in new if item.block.switch
    }


def _block_row(item: FetchedBlock) -> Row:
    block, figures = item.block, item.figures
    return {
        "height": block.height,
        "hash": block.hash,
        "parent_hash": block.parent_hash,
        "era_id": block.era_id,
        "timestamp": block.timestamp,
        "proposer": block.proposer,
        "protocol_version": block.protocol_version,
        "state_root_hash": block.state_root_hash,
        "switch": block.switch,
        "total_supply": figures.total_supply,
        "deploys": figures.deploys,
        "transfers": figures.transfers,
        "transfer_rows": len(figures.transfer_rows),
        "staked": figures.staked,
        "unstaked": figures.unstaked,
        "redelegated": figures.redelegated,
        "next_era_weight": figures.next_era_weight,
        "validators": figures.validators,
        "validators_rewards": figures.validators_rewards,
        "delegators": figures.delegators,
        "delegators_rewards": figures.delegators_rewards,
    }


def _transfer_rows(item: FetchedBlock) -> list[Row]:
    block = item.block
    return [
        {
            "height": block.height,
            "index": row.index,
            "era_id": block.era_id,
            "kind": row.kind,
            "deploy_hash": row.transaction_hash,
            "timestamp": block.timestamp,
            "submitted_at": row.submitted_at,
            "from_account_hash": row.from_account_hash,
            "to_account_hash": row.to_account_hash,
            "source": row.source,
            "target": row.target,
            "amount": row.amount,
            "transfer_id": row.transfer_id,
        }
        for row in item.figures.transfer_rows
    ]


def _validator_rows(item: FetchedBlock) -> list[Row]:
    return [
        {"era_id": item.block.era_id + 1, "public_key": public_key, "weight": weight}
        for public_key, weight in item.figures.next_era_validators.items()
    ]


def _reward_rows(item: FetchedBlock, indexed: Collection[str]) -> list[Row]:
    return [
        {
            "era_id": item.block.era_id,
            "validator": validator,
            "delegator": delegator,
            "amount": amount,
        }
        for (validator, delegator), amount in item.figures.rewards.items()
        if "all" in indexed or validator in indexed
    ]


def _insert(session: Session, model: type[SQLModel], rows: list[Row]) -> None:
    if rows:
        table = table_of(model)
        # of the table, not of the model: rows then pass by the ORM, a sixth of the time
        session.execute(insert(table), rows)
        telemetry.ROWS_WRITTEN.labels(table.name).inc(len(rows))


def _insert_missing(session: Session, model: type[SQLModel], rows: list[Row]) -> None:
    key = next(iter(table_of(model).primary_key)).name
    # an update of the key to itself passes a held row over; IGNORE would hide real errors too
    upsert(session, model, rows, lambda new: {key: new[key]})
