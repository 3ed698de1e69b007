"""Figures of blocks and eras that are made of several columns, and rows as they are shown."""

from collections.abc import Callable, Mapping
from typing import Any

from casper_dash.api.v0.answers import cspr
from casper_dash.queries.paging import Row

Fields = Mapping[str, Callable[[Row], Any]]
"""JSON name → its value in a row, in the order of the answer."""

_CIRCULATING = ("circulating_transfers", "circulating_unlocks", "circulating_rewards")
_PAID = ("validators_rewards", "delegators_rewards")


def shown(fields: Fields, row: Row, wanted: frozenset[str] | None = None) -> dict[str, Any]:
    """The row as JSON holds it; None wants every field."""
    return {name: value(row) for name, value in fields.items() if wanted is None or name in wanted}


def paid_whole(row: Row) -> int:
    """What validators and delegators were paid, in whole CSPR: cut down after the sum."""
    return _sum_whole(row, _PAID)


def circulating_whole(row: Row) -> int:
    """The sum of its parts, in whole CSPR; 0 while it is not worked out."""
    return _sum_whole(row, _CIRCULATING)


def circulating_text(era: Row | None) -> str:
    """The same as text; 0 also while blocks below are missing.

    Listing sites read this: a figure that is too low would pass for true.
    """
    return str(circulating_whole(era)) if era is not None and era["final"] else "0"


def _sum_whole(row: Row, columns: tuple[str, ...]) -> int:
    return cspr(sum(row[column] or 0 for column in columns))
