"""How many calls a node bears at a time, learnt from how it answers. Pure: no clock, no network.

Nodes throttle by delaying: more calls in flight than it takes to keep a node busy only wait there.
The estimate is TCP Vegas': of `limit` calls, limit × (1 − best / latency) are waiting; a few of
them keep the node busy, more are too many. Errors and refusals halve the limit, as in AIMD.
Source: Brakmo and Peterson, "TCP Vegas: End to End Congestion Avoidance", 1995.
"""

_FIRST, _LEAST = 8.0, 1.0
_FEW_WAITING, _MANY_WAITING = 3.0, 6.0
_FAST_STEP = 4
"""How much faster the limit rises while nothing waits at all."""
_MEASURE_AGAIN = 2000
"""Answers after which the best times are measured anew, with half the calls in flight: a node may
have become slower, and one that is kept waiting all the time would look so for ever."""
_JITTER_S = 0.01
"""Differences below this are the network's, not the node's."""


class Pace:
    """One node's limit of calls in flight."""

    def __init__(self, most: int) -> None:
        self._most = float(most)
        self._limit = min(_FIRST, self._most)
        self._best_s: dict[str, float] = {}
        self._answers = 0

    @property
    def limit(self) -> int:
        """Calls to have in flight at most."""
        return int(self._limit)

    def answered(self, method: str, took_s: float) -> None:
        """Takes the time of an answer into account; methods differ, each has its own best."""
        self._answers += 1
        if self._answers % _MEASURE_AGAIN == 0:
            self._best_s.clear()
            self._limit = max(self._limit / 2, _LEAST)
        best_s = min(self._best_s.get(method, took_s), took_s)
        self._best_s[method] = best_s
        waiting = self._limit * (1 - (best_s + _JITTER_S) / max(took_s, best_s + _JITTER_S))
        if waiting < _FEW_WAITING:
            step = 1 if waiting > 1 else _FAST_STEP
            self._limit = min(self._limit + step / self._limit, self._most)
        elif waiting > _MANY_WAITING:
            self._limit = max(self._limit - 1 / self._limit, _LEAST)

    def refused(self) -> None:
        """The node asked for fewer calls, or broke down under them."""
        self._limit = max(self._limit / 2, _LEAST)
