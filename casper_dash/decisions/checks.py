"""What must hold of every era before figures are published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Protocol

from sqlalchemy import select
from sqlmodel import Session

from crawler.derive.supply import Supply
from crawler.models.figures import ERA
from crawler.network import Network


class Moved(Protocol):
    """An era's supply before and after; see `effects.EraEffect`."""

    @property
    def era_id(self) -> int: ...
    @property
    def before(self) -> Supply | None: ...
    @property
    def after(self) -> Supply: ...


@dataclass(frozen=True, slots=True)
class Check:
    """`detail` says in one line what was found; a `blocking` one that failed is not published."""

    name: str
    passed: bool
    detail: str
    blocking: bool = True


def checks_of(
    session: Session,
    network: Network,
    eras: Sequence[Moved],
    schedule: Sequence[tuple[datetime, int]],
) -> tuple[Check, ...]:
    """Every check, those that pass too. Reads every era's total supply."""
    totals = {row.id: row.total_supply for row in session.execute(select(ERA.id, ERA.total_supply))}
    return (
        _no_part_negative(eras),
        _within_total(eras, totals),
        _inputs_rise(eras),
        _schedule_sum(schedule, network.genesis_validators_weight),
    )


def _no_part_negative(eras: Iterable[Moved]) -> Check:
    wrong = [era.era_id for era in eras if min(era.after.transfers, era.after.unlocks) < 0]
    return _none_wrong("transfers and unlocks are not negative", wrong)


def _within_total(eras: Iterable[Moved], totals: dict[int, int]) -> Check:
    """Circulating above total is wrong; a publication that makes it less wrong is let through."""
    wrong = []
    for era in eras:
        allowed = totals[era.era_id]
        if era.before is not None:
            allowed = max(allowed, era.before.circulating)
        if era.after.circulating > allowed:
            wrong.append(era.era_id)
    return _none_wrong("circulating is at most total supply", wrong)


def _inputs_rise(eras: Iterable[Moved]) -> Check:
    wrong = [
        later.era_id
        for earlier, later in pairwise(eras)
        if later.after.transfers < earlier.after.transfers
        or later.after.unlocks < earlier.after.unlocks
    ]
    return _none_wrong("transfers and unlocks never fall from era to era", wrong)


def _schedule_sum(schedule: Sequence[tuple[datetime, int]], weight: int) -> Check:
    total = sum(amount for _, amount in schedule)
    name = "the schedule unlocks the genesis validators' weight"
    if total > weight:
        return Check(name, False, f"over by {total - weight} motes")
    if total < weight:
        return Check(name, False, f"short by {weight - total} motes", blocking=False)
    return Check(name, True, "exactly")


def _none_wrong(name: str, wrong: Sequence[int]) -> Check:
    if not wrong:
        return Check(name, True, "in every era")
    return Check(name, False, f"not in {len(wrong)} eras, first in era {wrong[0]}")
