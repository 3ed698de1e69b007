"""Blocks: by height, by hash, and selections of them."""

from dataclasses import dataclass
from datetime import datetime
from operator import eq, ge, le

from sqlalchemy import ColumnElement, bindparam, select
from sqlmodel import Session

from casper_dash.queries.paging import Page, Row, given, in_time, one, paged, rows
from crawler.models.chain import BLOCK

_COLUMNS = (
    BLOCK.height,
    BLOCK.hash,
    BLOCK.parent_hash,
    BLOCK.era_id,
    BLOCK.timestamp,
    BLOCK.proposer,
    BLOCK.protocol_version,
    BLOCK.state_root_hash,
    BLOCK.switch,
    BLOCK.total_supply,
    BLOCK.deploys,
    BLOCK.transfers,
    BLOCK.staked,
    BLOCK.unstaked,
    BLOCK.redelegated,
    BLOCK.next_era_weight,
    BLOCK.validators,
    BLOCK.validators_rewards,
    BLOCK.delegators,
    BLOCK.delegators_rewards,
)
_BLOCKS = select(*_COLUMNS)
# made once: to put a statement together takes as long as to ask it
_AT_HEIGHT = _BLOCKS.where(BLOCK.height == bindparam("height"))
_WITH_HASH = _BLOCKS.where(BLOCK.hash == bindparam("hash"))
_NEWEST = _BLOCKS.order_by(BLOCK.height.desc()).limit(1)


@dataclass(frozen=True)
class BlockFilter:
    """Which blocks; heights inclusive, `after` ≤ timestamp < `before`."""

    era_id: int | None = None
    from_height: int | None = None
    to_height: int | None = None
    after: datetime | None = None
    before: datetime | None = None
    proposer: str | None = None
    switch: bool | None = None


def blocks(session: Session, wanted: BlockFilter, page: Page) -> list[Row]:
    """Blocks by height. Reads the key, or the index of era, proposer or switch with the height."""
    statement = _BLOCKS.where(*_conditions(session, wanted))
    return rows(session, paged(statement, [BLOCK.height], page))


def _conditions(session: Session, wanted: BlockFilter) -> list[ColumnElement[bool]]:
    conditions = given(
        (eq, BLOCK.era_id, wanted.era_id),
        (ge, BLOCK.height, wanted.from_height),
        (le, BLOCK.height, wanted.to_height),
        (eq, BLOCK.proposer, wanted.proposer),
        (eq, BLOCK.switch, wanted.switch),
    )
    return conditions + in_time(session, BLOCK.height, BLOCK.timestamp, wanted.after, wanted.before)


def block_at(session: Session, height: int) -> Row | None:
    """The block of that height. Reads the key."""
    return one(session, _AT_HEIGHT, height=height)


def block_with_hash(session: Session, block_hash: str) -> Row | None:
    """The block of that hash. Reads the index of the hash."""
    return one(session, _WITH_HASH, hash=block_hash)


def newest_block(session: Session) -> Row | None:
    """The highest block that is held. Reads the end of the key."""
    return one(session, _NEWEST)
