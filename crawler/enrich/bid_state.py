"""The auction's state as a mapping, and its history as spans of eras in which nothing changed.

Pure. An era's span reaches to the next *known* era: eras between are not known, and readers must
ask which are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from crawler.parse.records import AuctionInfo

Kind = Literal["bid", "delegation", "unbonding"]

UNBONDING_ERAS = 7
"""Source: `unbonding_delay` of every mainnet chainspec, 1.0.0 to 2.2.0."""


class BidKey(NamedTuple):
    """What is told apart; `delegator` is empty for a bid, `release_era` 0 but for an unbonding."""

    validator: str
    delegator: str
    kind: Kind
    release_era: int


class BidValue(NamedTuple):
    """Motes, and a bid's commission (per cent) and whether it is inactive."""

    amount: int
    commission: int | None = None
    inactive: bool | None = None


BidState = Mapping[BidKey, BidValue]


@dataclass(frozen=True, slots=True)
class Span:
    """A value that holds from an era until before another one; None: in the newest known one."""

    key: BidKey
    from_era: int
    until_era: int | None
    value: BidValue


@dataclass(frozen=True, slots=True)
class Changes:
    """What the history must become: spans to write, by key and first era, and to delete."""

    write: tuple[Span, ...]
    delete: tuple[Span, ...]


def state_of(info: AuctionInfo) -> dict[BidKey, BidValue]:
    """Every bid, delegation and unbonding; unbondings of one pair and release era are added up."""
    state = {
        BidKey(bid.public_key, "", "bid", 0): BidValue(
            bid.self_stake, bid.delegation_rate, bid.inactive
        )
        for bid in info.bids
    }
    for each in info.delegations:
        state[BidKey(each.validator, each.delegator, "delegation", 0)] = BidValue(each.amount)
    for unbond in info.unbonds:
        key = BidKey(
            unbond.validator,
            unbond.unbonder,
            "unbonding",
            unbond.era_of_creation + UNBONDING_ERAS,
        )
        before = state.get(key, BidValue(0)).amount
        state[key] = BidValue(before + unbond.amount)
    return state


def insert_era(
    era_id: int,
    state: BidState,
    before: Iterable[Span],
    after: Iterable[Span],
    next_era: int | None,
) -> Changes:
    """The changes that make a new known era's state part of the history.

    `before` and `after` are the spans that hold in the nearest known era on each side (none where
    there is none), `next_era` is the later one of the two.
    """
    earlier = {span.key: span for span in before}
    later = {span.key: span for span in after}
    write: list[Span] = []
    delete: list[Span] = []
    for key in earlier.keys() | later.keys() | state.keys():
        value = state.get(key)
        left, right = earlier.get(key), later.get(key)
        if left is not None and left.value == value:
            continue
        if left is not None:
            write.append(replace(left, until_era=era_id))
            if right == left and next_era is not None:
                # it held on both sides, but not here
                write.append(replace(left, from_era=next_era))
        if value is None:
            continue
        if right is not None and right != left and right.value == value:
            delete.append(right)
            write.append(replace(right, from_era=era_id))
        else:
            write.append(Span(key, era_id, next_era, value))
    return Changes(tuple(write), tuple(delete))
