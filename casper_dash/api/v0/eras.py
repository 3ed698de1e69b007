"""/era, /era/circulating, /era/total"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session
from starlette.responses import Response

from casper_dash.api.caching import GROWING, newest
from casper_dash.api.v0.answers import cspr, json_answer, text_answer, time_text, until_published
from casper_dash.api.v0.errors import IncorrectQuery, NotFound
from casper_dash.api.v0.figures import (
    Fields,
    circulating_text,
    circulating_whole,
    paid_whole,
    shown,
)
from casper_dash.api.v0.filter import MAX_ROWS, read_filter, read_order
from casper_dash.api.v0.parameters import Parameters, to_number, whole
from casper_dash.api.v0.question import Question
from casper_dash.queries.eras import era_with_id
from casper_dash.queries.paging import Row
from casper_dash.queries.v0.conditions import Order, Selection, Test
from casper_dash.queries.v0.eras import (
    COLUMNS,
    era_at_height,
    era_at_time,
    last_completed_era,
    selected_eras,
)

_WHOLE_HISTORY = 20_000
_NEWEST_FIRST = (Order("id", descending=True),)


_FIELDS: Fields = {
    "id": lambda row: row["id"],
    "startBlock": lambda row: row["start_block"],
    "transfersCount": lambda row: row["transfers"],
    "deploysCount": lambda row: row["deploys"],
    "endBlock": lambda row: row["end_block"],
    "start": lambda row: time_text(row["start"]),
    "end": lambda row: time_text(row["end"]),
    "circulatingSupply": circulating_whole,
    "validatorsCirculatingSupply": lambda row: cspr(row["circulating_unlocks"]),
    "transfersCirculatingSupply": lambda row: cspr(row["circulating_transfers"]),
    "rewardsCirculatingSupply": lambda row: cspr(row["circulating_rewards"]),
    "validatorsWeights": lambda row: cspr(row["weight"]),
    "totalSupply": lambda row: cspr(row["total_supply"]),
    "validatorsRewards": lambda row: cspr(row["validators_rewards"]),
    "delegatorsRewards": lambda row: cspr(row["delegators_rewards"]),
    "rewards": paid_whole,
    "validatorsCount": lambda row: row["validators"] or 0,
    "delegatorsCount": lambda row: row["delegators"] or 0,
    "stakedThisEra": lambda row: cspr(row["staked"]),
    "undelegatedThisEra": lambda row: cspr(row["unstaked"]),
    "stakedDiffThisEra": lambda row: cspr(row["staked"] - row["unstaked"]),
}
_KINDS = {name: column.kind for name, column in COLUMNS.items()}


@dataclass(frozen=True)
class _Wanted:
    """Parameters of `/era` but the filter, as they are given."""

    era_id: Decimal | None
    height: Decimal | None
    time: datetime | None
    limit: Decimal | None
    order: str | None
    skip: str | None

    @property
    def names_one(self) -> bool:
        return any(each is not None for each in (self.era_id, self.height, self.time))


def era(parameters: Parameters) -> Question:
    """Eras by id, height or time, the newest, or those of a filter."""
    wanted = _Wanted(
        parameters.number("id"),
        parameters.number("blockHeight"),
        parameters.time("timestamp"),
        parameters.number("limit"),
        parameters.text("order"),
        parameters.text("skip"),
    )
    given = parameters.object("filter")
    if given is not None:
        return _filtered(given)
    selection = _selection(wanted)
    if wanted.names_one:
        return Question(lambda session, now: _named(session, wanted, selection))
    return Question(
        lambda session, now: _listed(session, selection, now),
        costly=selection.limit > MAX_ROWS,
    )


def _filtered(given: Mapping[str, Any]) -> Question:
    wanted = read_filter(given, _KINDS, set(_FIELDS))

    def answer(session: Session, _now: datetime) -> Response:
        rows = selected_eras(session, wanted.selection)
        return json_answer([shown(_FIELDS, row, wanted.fields) for row in rows], GROWING)

    return Question(answer, costly=True, refusal=IncorrectQuery)


def _selection(wanted: _Wanted) -> Selection:
    """Which part of the eras, in which order. Raises IncorrectQuery."""
    try:
        order = read_order(wanted.order, _KINDS) if wanted.order else _NEWEST_FIRST
        skip = to_number(wanted.skip) if wanted.skip and wanted.skip.strip() else None
    except ValueError as error:
        raise IncorrectQuery from error
    from_the_start = wanted.skip is not None and not skip
    most = _WHOLE_HISTORY if wanted.order and from_the_start else MAX_ROWS
    default_skip = Decimal(0 if wanted.names_one else 1)
    return Selection(
        limit=min(_count(wanted.limit) or 1, most),
        skip=_count(default_skip if skip is None else skip),
        order=order,
    )


def _count(number: Decimal | None) -> int:
    if number is None:
        return 0
    if number < 0 or number != number.to_integral_value():
        raise IncorrectQuery
    return min(int(number), 2**63 - 1)


def _named(session: Session, wanted: _Wanted, part: Selection) -> Response:
    row = _one(session, wanted)
    if row is None or part.skip:
        return json_answer([], GROWING)
    return json_answer([shown(_FIELDS, row)], until_published(session, row["id"]))


def _one(session: Session, wanted: _Wanted) -> Row | None:
    if wanted.era_id is not None:
        return _with_id(session, wanted.era_id)
    if wanted.height is not None:
        height = whole(wanted.height)
        return None if height is None else era_at_height(session, height)
    return era_at_time(session, wanted.time) if wanted.time else None


def _with_id(session: Session, number: Decimal) -> Row | None:
    era_id = whole(number)
    if era_id is None:
        return None
    found = selected_eras(session, Selection(1, where=Test("id", "eq", era_id)))
    return found[0] if found else None


def _listed(session: Session, selection: Selection, now: datetime) -> Response:
    rows = selected_eras(session, selection)
    held = newest(rows[0]["end"], now) if selection.limit == 1 and rows else GROWING
    return json_answer([shown(_FIELDS, row) for row in rows], held)


def total(parameters: Parameters) -> Question:
    """An era's total supply in whole CSPR, as text."""
    return _figure(parameters.number("eraId"), lambda era: str(cspr(era["total_supply"])))


def circulating(parameters: Parameters) -> Question:
    """An era's circulating supply in whole CSPR, as text."""
    return _figure(parameters.number("eraId"), circulating_text)


def _figure(number: Decimal | None, text: Callable[[Row], str]) -> Question:
    def answer(session: Session, now: datetime) -> Response:
        era_id = last_completed_era(session) if number is None else whole(number)
        row = None if era_id is None else era_with_id(session, era_id)
        if row is None:
            raise NotFound
        by_name = until_published(session, row["id"])
        return text_answer(text(row), newest(row["end"], now) if number is None else by_name)

    return Question(answer)
