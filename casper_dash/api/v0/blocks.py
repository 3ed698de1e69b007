"""/block, /block/circulating, /block/total"""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session
from starlette.responses import Response

from casper_dash.api.caching import GROWING, UNCHANGING, newest
from casper_dash.api.v0.answers import cspr, json_answer, text_answer, time_text, until_published
from casper_dash.api.v0.errors import IncorrectQuery, NotFound
from casper_dash.api.v0.figures import (
    Fields,
    circulating_text,
    circulating_whole,
    paid_whole,
    shown,
)
from casper_dash.api.v0.filter import Filter, read_filter
from casper_dash.api.v0.parameters import Parameters, whole
from casper_dash.api.v0.question import Question
from casper_dash.queries.blocks import block_with_hash, newest_block
from casper_dash.queries.eras import era_with_id
from casper_dash.queries.paging import Row
from casper_dash.queries.v0.blocks import COLUMNS, TooManyRows, blocks_at, selected_blocks
from crawler.parse.keys import is_hash


def _since_block_before(row: Row) -> int:
    if row["timestamp_before"] is None:
        return 0
    time: timedelta = row["timestamp"] - row["timestamp_before"]
    return time // timedelta(milliseconds=1)


_FIELDS: Fields = {
    "blockHeight": lambda row: row["height"],
    "blockHash": lambda row: row["hash"],
    "eraId": lambda row: row["era_id"],
    "circulatingSupply": circulating_whole,
    "validatorsWeights": lambda row: cspr(row["era_weight"]),
    "totalSupply": lambda row: cspr(row["total_supply"]),
    "stateRootHash": lambda row: row["state_root_hash"],
    "transfersCount": lambda row: row["transfers"],
    "deploysCount": lambda row: row["deploys"],
    "stakedThisBlock": lambda row: cspr(row["staked"]),
    "nextEraValidatorsWeights": lambda row: cspr(row["next_era_weight"]),
    "validatorsRewards": lambda row: cspr(row["validators_rewards"]),
    "delegatorsRewards": lambda row: cspr(row["delegators_rewards"]),
    "rewards": paid_whole,
    "validatorsCount": lambda row: row["validators"] or 0,
    "delegatorsCount": lambda row: row["delegators"] or 0,
    "switch": lambda row: row["switch"],
    "undelegatedThisBlock": lambda row: cspr(row["unstaked"]),
    "timestamp": lambda row: time_text(row["timestamp"]),
    "prevBlockTime": _since_block_before,
}
_KINDS = {name: column.kind for name, column in COLUMNS.items()}


def block(parameters: Parameters) -> Question:
    """One block in a list, or those of a filter."""
    height, block_hash = parameters.number("blockHeight"), parameters.text("hash")
    given = parameters.object("filter")
    if given is None:
        return Question(lambda session, now: _one(session, height, block_hash, now))
    wanted = read_filter(given, _KINDS, set(_FIELDS))
    return Question(
        lambda session, _now: _selected(session, wanted), costly=True, refusal=IncorrectQuery
    )


def total(parameters: Parameters) -> Question:
    """A block's total supply in whole CSPR, as text."""
    height, block_hash = parameters.number("blockHeight"), parameters.text("hash")

    def answer(session: Session, now: datetime) -> Response:
        row = _found(session, height, block_hash)
        held = UNCHANGING if _is_named(height, block_hash) else newest(row["timestamp"], now)
        return text_answer(str(cspr(row["total_supply"])), held)

    return Question(answer)


def circulating(parameters: Parameters) -> Question:
    """The circulating supply that counts for a block, in whole CSPR, as text."""
    height, block_hash = parameters.number("blockHeight"), parameters.text("hash")

    def answer(session: Session, now: datetime) -> Response:
        row = _found(session, height, block_hash)
        era = era_with_id(session, row["era_id"])
        if era is not None and not era["complete"]:
            era = era_with_id(session, era["id"] - 1)
        return text_answer(circulating_text(era), _held(session, row, height, block_hash, now))

    return Question(answer)


def _one(
    session: Session, height: Decimal | None, block_hash: str | None, now: datetime
) -> Response:
    row = _found(session, height, block_hash)
    held = _held(session, row, height, block_hash, now)
    return json_answer([shown(_FIELDS, row)], held)


def _held(
    session: Session, row: Row, height: Decimal | None, block_hash: str | None, now: datetime
) -> str:
    if _is_named(height, block_hash):
        return until_published(session, row["era_id"])
    return newest(row["timestamp"], now)


def _is_named(height: Decimal | None, block_hash: str | None) -> bool:
    return height is not None or block_hash is not None


def _found(session: Session, height: Decimal | None, block_hash: str | None) -> Row:
    """The block of that height, else of that hash, else the newest. Raises NotFound."""
    if height is not None:
        wanted = whole(height)
    else:
        named = newest_block(session) if block_hash is None else _with_hash(session, block_hash)
        wanted = named["height"] if named else None
    rows = [] if wanted is None else blocks_at(session, [wanted])
    if not rows:
        raise NotFound
    return rows[0]


def _with_hash(session: Session, block_hash: str) -> Row | None:
    return block_with_hash(session, block_hash) if is_hash(block_hash) else None


def _selected(session: Session, wanted: Filter) -> Response:
    try:
        rows = selected_blocks(session, wanted.selection)
    except TooManyRows as error:
        raise IncorrectQuery from error
    if not rows:
        raise NotFound
    return json_answer([shown(_FIELDS, row, wanted.fields) for row in rows], GROWING)
