"""Heights as cells of a grid: held, in part, or missing. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from casper_dash.admin.words import grouped

_MOST_CELLS = 240
_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Cell:
    """A span of heights of the same size as its neighbours'."""

    state: str = "held"
    """held, part or missing."""
    label: str = ""


def cell_size(heights: int) -> int:
    """Blocks a cell, a round number, so that the grid stays small."""
    power = 1
    while True:
        for step in _STEPS:
            if heights <= step * power * _MOST_CELLS:
                return step * power
        power *= 10


def cells(first: int, last: int, missing: Sequence[tuple[int, int]]) -> list[Cell]:
    """From `first` to `last`, rising; `missing` spans do not overlap, newest first."""
    size = cell_size(last - first + 1)
    gaps = list(missing)
    found = []
    for start in range(first, last + 1, size):
        end = min(start + size - 1, last)
        while gaps and gaps[-1][1] < start:
            gaps.pop()
        found.append(_cell(start, end, _missing_in(gaps, start, end)))
    return found


def _missing_in(gaps: Sequence[tuple[int, int]], start: int, end: int) -> int:
    """Heights of the gaps, lowest last, that lie within both ends."""
    count = 0
    for low, high in reversed(gaps):
        if low > end:
            break
        count += min(high, end) - max(low, start) + 1
    return count


def _cell(start: int, end: int, missing: int) -> Cell:
    state = "held" if not missing else "missing" if missing == end - start + 1 else "part"
    words = "held" if not missing else f"{grouped(missing)} missing"
    return Cell(state, f"{grouped(start)} – {grouped(end)}: {words}")
