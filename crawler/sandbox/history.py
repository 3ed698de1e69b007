"""Amounts that change from block to block, each with all its past values."""

from array import array
from bisect import bisect_right
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Amounts(Generic[Key]):
    """Key → amount, now and after any earlier block; a key never set has 0."""

    def __init__(self) -> None:
        self._now: dict[Key, int] = {}
        self._past: dict[Key, tuple[array[int], list[int]]] = {}

    def __getitem__(self, key: Key) -> int:
        return self._now.get(key, 0)

    def set(self, key: Key, amount: int, height: int) -> None:
        self._now[key] = amount
        heights, amounts = self._past.setdefault(key, (array("I"), []))
        if heights and heights[-1] == height:
            amounts[-1] = amount
        else:
            heights.append(height)
            amounts.append(amount)

    def add(self, key: Key, amount: int, height: int) -> None:
        """Add a possibly negative amount."""
        self.set(key, self._now.get(key, 0) + amount, height)

    def at(self, key: Key, height: int) -> int | None:
        """The amount after the block at `height`; None if the key was not there yet."""
        if key not in self._past:
            return None
        heights, amounts = self._past[key]
        place = bisect_right(heights, height)
        return amounts[place - 1] if place else None

    def items(self) -> Iterator[tuple[Key, int]]:
        """All keys with an amount other than 0, in the order of their first setting."""
        return ((key, amount) for key, amount in self._now.items() if amount)

    def items_at(self, height: int) -> Iterator[tuple[Key, int]]:
        """The same as of the block at `height`."""
        for key in self._past:
            amount = self.at(key, height)
            if amount:
                yield key, amount

    def total(self) -> int:
        return sum(self._now.values())
