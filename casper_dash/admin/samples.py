"""The last half hour's figures of this process, for home's small lines: nobody else keeps them.

A sample is taken whenever somebody's page reads, at most every few seconds; they begin anew with
the process.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_EVERY_S = 4.0
_KEPT_S = 1800.0
_RATE_OVER_S = 30.0
_WIDTH, _TOP, _BOTTOM = 100, 2, 22


@dataclass(frozen=True)
class Sample:
    """Figures of one moment; None where they are not known."""

    lag: float | None
    """Blocks."""
    held: float
    """Blocks."""
    missing: float
    p95_ms: float | None
    failures: float
    """Calls to nodes that were no answer, since their observers started."""
    size: float
    """Bytes of the database."""


class Samples:
    """A bounded past, safe for several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: deque[tuple[float, Sample]] = deque()
        self._lock = threading.Lock()

    def note(self, sample: Sample) -> None:
        """Takes it, unless the last one is too fresh."""
        now = self._clock()
        with self._lock:
            if self._kept and now - self._kept[-1][0] < _EVERY_S:
                return
            self._kept.append((now, sample))
            while now - self._kept[0][0] > _KEPT_S:
                self._kept.popleft()

    def values(self, field: str) -> list[float | None]:
        """A figure's past, oldest first."""
        with self._lock:
            return [getattr(sample, field) for _, sample in self._kept]

    def rates(self, field: str) -> list[float]:
        """A counter's growth a second, each over the half minute before; it may begin anew."""
        with self._lock:
            seen = [(at, getattr(sample, field)) for at, sample in self._kept]
        return [_rate(seen[: index + 1]) for index in range(1, len(seen))]

    def span_s(self) -> float:
        """Seconds between the oldest and the newest sample."""
        with self._lock:
            return self._kept[-1][0] - self._kept[0][0] if self._kept else 0.0


def _rate(seen: Sequence[tuple[float, float]]) -> float:
    """Growth a second over the half minute before the last of `seen`, of which there are two."""
    end = seen[-1][0]
    late = [one for one in seen if end - one[0] <= _RATE_OVER_S]
    window = late if len(late) > 1 else seen[-2:]
    rises = (max(after - before, 0) for (_, before), (_, after) in pairwise(window))
    return sum(rises) / (end - window[0][0])


def path(values: Sequence[float | None]) -> str:
    """The `d` of an SVG path in a 100 × 24 box, broken where a value is not known."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, span = min(known), (max(known) - min(known)) or 1.0
    step = _WIDTH / (len(values) - 1)
    parts, pen = [], "M"
    for index, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        height = _BOTTOM - (_BOTTOM - _TOP) * (value - low) / span
        parts.append(f"{pen}{index * step:.1f},{height:.1f}")
        pen = "L"
    return "".join(parts)
