"""Blocks with figures of their eras, as the older platform's `/block` selects them."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Integer, bindparam, case, func, select, type_coerce
from sqlalchemy.orm import aliased
from sqlmodel import Session

from casper_dash.queries.paging import Row, rows
from casper_dash.queries.published import supply_of
from casper_dash.queries.v0.conditions import (
    All,
    Condition,
    FilterColumn,
    Kind,
    Selection,
    Test,
    number,
    selected,
    tests,
)
from casper_dash.queries.v0.functions import register, whole_cspr
from crawler.models.chain import BLOCK, Block
from crawler.models.figures import ERA, ERA_SUPPLY, Era, EraSupply
from crawler.models.table import table_of

FEW_BLOCKS = 100_000
"""So many may be looked through for a pattern."""
_FEW_ERAS = 400


class TooManyRows(Exception):
    """A pattern would have to be looked for in too many blocks."""


_before = aliased(table_of(Block))
# no row where the era is not worked out yet: then there is no figure either
_supply_era = case((ERA.complete, ERA.id), else_=ERA.id - 1)
_WITH_ERAS = (
    table_of(Block)
    .outerjoin(table_of(Era), ERA.id == BLOCK.era_id)
    .outerjoin(table_of(EraSupply), supply_of(_supply_era))
)
_DETAILS = (
    BLOCK.height,
    BLOCK.hash,
    BLOCK.era_id,
    BLOCK.total_supply,
    BLOCK.state_root_hash,
    BLOCK.transfers,
    BLOCK.deploys,
    BLOCK.staked,
    BLOCK.next_era_weight,
    BLOCK.validators_rewards,
    BLOCK.delegators_rewards,
    BLOCK.validators,
    BLOCK.delegators,
    BLOCK.switch,
    BLOCK.unstaked,
    BLOCK.timestamp,
    ERA.weight.label("era_weight"),
    ERA_SUPPLY.transfers.label("circulating_transfers"),
    ERA_SUPPLY.unlocks.label("circulating_unlocks"),
    ERA_SUPPLY.rewards.label("circulating_rewards"),
    _before.c.timestamp.label("timestamp_before"),
)
# made once: to put a statement together takes as long as to ask it
_AT = (
    select(*_DETAILS)
    .select_from(_WITH_ERAS)
    .outerjoin(_before, _before.c.height == BLOCK.height - 1)
    .where(BLOCK.height.in_(bindparam("heights", expanding=True)))
)
COLUMNS = {
    "blockHeight": number(BLOCK.height),
    "blockHash": FilterColumn(Kind.HEX, BLOCK.hash),
    "eraId": number(BLOCK.era_id),
    "circulatingSupply": number(
        whole_cspr(ERA_SUPPLY.transfers, ERA_SUPPLY.unlocks, ERA_SUPPLY.rewards)
    ),
    "validatorsWeights": number(whole_cspr(ERA.weight)),
    "totalSupply": number(whole_cspr(BLOCK.total_supply)),
    "stateRootHash": FilterColumn(Kind.HEX, BLOCK.state_root_hash),
    "transfersCount": number(BLOCK.transfers),
    "deploysCount": number(BLOCK.deploys),
    "stakedThisBlock": number(whole_cspr(BLOCK.staked)),
    "nextEraValidatorsWeights": number(whole_cspr(BLOCK.next_era_weight)),
    "validatorsRewards": number(whole_cspr(BLOCK.validators_rewards)),
    "delegatorsRewards": number(whole_cspr(BLOCK.delegators_rewards)),
    "rewards": number(whole_cspr(BLOCK.validators_rewards, BLOCK.delegators_rewards)),
    "validatorsCount": number(func.coalesce(BLOCK.validators, 0)),
    "delegatorsCount": number(func.coalesce(BLOCK.delegators, 0)),
    "switch": number(type_coerce(BLOCK.switch, Integer)),
    "undelegatedThisBlock": number(whole_cspr(BLOCK.unstaked)),
    "timestamp": FilterColumn(Kind.TIME, BLOCK.timestamp),
}
_OF_ERAS = frozenset({"circulatingSupply", "validatorsWeights"})


def selected_blocks(session: Session, wanted: Selection) -> list[Row]:
    """Blocks in the order that is wanted, by height if none.

    Reads what the conditions and the order can use of the key and the indexes of hash, era,
    timestamp and switch, else all blocks. Raises TooManyRows for a pattern on too many.
    """
    register(session)
    if any(map(_is_search, tests(wanted.where))) and not _is_narrow(wanted.where):
        _refuse_many(session)
    named = {test.column for test in tests(wanted.where)} | {key.column for key in wanted.order}
    table = _WITH_ERAS if named & _OF_ERAS else table_of(Block)
    picked = selected(select(BLOCK.height).select_from(table), wanted, COLUMNS, "blockHeight")
    return blocks_at(session, session.execute(picked).scalars().all())


def blocks_at(session: Session, heights: Sequence[int]) -> list[Row]:
    """The blocks of these heights, in the same order. Reads keys alone."""
    if not heights:
        return []
    found = {cast(int, row["height"]): row for row in rows(session, _AT, heights=heights)}
    return [found[height] for height in heights if height in found]


def _is_search(test: Test) -> bool:
    """Whether no index helps: the text must be looked at, row by row."""
    return test.operator in ("like", "nlike", "regexp")


def _is_narrow(where: Condition) -> bool:
    """Whether an index leaves few blocks to look at."""
    if isinstance(where, Test):
        return _holds_few(where)
    return isinstance(where, All) and any(map(_is_narrow, where.parts))


def _holds_few(test: Test) -> bool:
    if test.operator in ("eq", "inq"):
        # as many as fit a list are few
        return test.column in ("blockHash", "blockHeight", "eraId")
    few = {"blockHeight": FEW_BLOCKS, "eraId": _FEW_ERAS}.get(test.column)
    if test.operator != "between" or few is None:
        return False
    first, last = test.operand
    return bool(last - first < few)


def _refuse_many(session: Session) -> None:
    newest = session.execute(select(func.max(BLOCK.height))).scalar()
    if newest is not None and newest >= FEW_BLOCKS:
        raise TooManyRows("a pattern needs blockHeight, eraId or blockHash beside it")
