"""One node of a pool: what it said of itself, how it answers, and what operators want of it."""

import asyncio
import math
import statistics
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import structlog

from crawler.node.errors import NodeBusy, NodeError, NodeLacks
from crawler.node.pace import Pace
from crawler.node.rpc import Node
from crawler.parse.records import StatusRecord

log = structlog.get_logger(__name__)

QUARANTINE_S = 600
_REST_S, _LONGEST_REST_S = 0.1, 60.0
FAR_AHEAD = 20
"""Blocks above the others' median from which a lone node's head is not believed."""
_BEHIND = 3
"""Blocks below the highest node from which a node is said to be behind."""
_MEASURED = 200
"""Answers whose times are kept for the percentiles."""
_SYNCING = frozenset({"Initialize", "CatchUp", "ShutdownAfterCatchingUp"})
"""What `reactor_state` says of a node that has not reached the head. Source: casper-node."""

STATES = (
    "banned",  # an operator's order
    "resting",  # an operator's order, or it asked for fewer calls
    "wrong_chain",  # it follows another network
    "quarantined",  # it lied
    "unasked",  # it has not told its status yet
    "unreachable",  # its last calls failed
    "catching_up",  # it says that it is not at the head; asked for what it holds
    "behind",  # its head is some blocks old
    "pruned",  # in use, without the oldest blocks
    "in_use",
)
"""What a node can be seen as; the first that holds."""

ASKED = STATES[STATES.index("catching_up") :]
"""The states of nodes that are asked for blocks."""

WishKind = Literal["add", "ban", "rest", "test"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What operators want of the node that is shown as `url`."""

    url: str
    kind: WishKind
    reason: str
    ordered_by: str
    ordered_at: datetime
    until: datetime | None = None
    address: str | None = None
    """The whole address of a node to add."""


@dataclass(slots=True)
class Member:
    """One node and what this process has seen of it."""

    node: Node
    pace: Pace
    status: StatusRecord | None = None
    held: tuple[int, int] | None = None
    """The lowest and highest height that it says it has."""
    at_head: bool = False
    """Whether its head is the chain's, as far as it knows; nodes before 1.5 do not say."""
    latency_s: float = 0.05
    in_flight: int = 0
    failures: int = 0
    """In a row."""
    rests_until: float = 0
    quarantined: bool = False
    wrong_chain: bool = False
    last_error: str | None = None
    last_error_at: datetime | None = None
    asking: asyncio.Task[None] | None = None
    """The question for its status that is under way."""
    calls: int = 0
    calls_failed: int = 0
    times_s: deque[float] = field(default_factory=lambda: deque(maxlen=_MEASURED))
    """Of its last answers."""
    barred: Wish | None = None
    """Why operators do not want it asked."""
    barred_until: float = 0
    tested_at: datetime | None = None
    """When the last test was ordered that it had."""

    def told(self, status: StatusRecord) -> None:
        """Takes what it says of itself."""
        self.status = status
        self.at_head = status.reactor_state not in _SYNCING
        if status.head is None:
            self.held = None
            return
        low, high = status.available_low or 0, status.head.height
        if not self.at_head and status.available_high is not None:
            high = min(status.available_high, high)
        self.held = low, high

    def holds(self, height: int | None) -> bool:
        """Whether the node says that it has that block and its state (None: any block)."""
        if self.held is None:
            return False
        if height is None:
            return True
        low, high = self.held
        # the status is up to a poll old: the next blocks may well be there
        return low <= height <= (high + FAR_AHEAD if self.at_head else high)

    def is_barred(self, now: float) -> bool:
        """Whether operators do not want it asked."""
        return self.barred_until > now

    def is_usable(self, now: float) -> bool:
        """Whether it may be asked now."""
        return (
            self.status is not None
            and not self.quarantined
            and self.rests_until <= now
            and not self.is_barred(now)
        )

    def failed(self, reason: str) -> None:
        """Keeps what went wrong last."""
        self.last_error, self.last_error_at = reason, datetime.now(UTC)

    def problem(self, now: float) -> str:
        """For people: why it is not asked."""
        if self.barred is not None and self.is_barred(now):
            word = "banned" if self.barred.kind == "ban" else "to rest"
            return f"{word} by {self.barred.ordered_by}: {self.barred.reason}"
        return self.last_error or "not asked yet"

    def obey(self, wishes: Sequence[Wish], now: datetime) -> bool:
        """Takes what operators want of this node now; whether it is to be tested at once."""
        bars = [wish for wish in wishes if wish.kind in ("ban", "rest")]
        self.barred = min(bars, key=lambda wish: wish.kind, default=None)  # a ban before a rest
        self.barred_until = 0 if self.barred is None else _monotonic(self.barred.until, now)
        tests = [wish.ordered_at for wish in wishes if wish.kind == "test"]
        if not tests or self.tested_at == tests[0]:
            return False
        self.tested_at = tests[0]
        if self.wrong_chain or not self.quarantined:  # an answer to this proves no liar honest
            self.rests_until = 0
        return True

    def state(self, now: float, highest: int) -> str:
        """One of STATES. `highest` is the highest head of any node."""
        if self.is_barred(now) and self.barred is not None:
            return "banned" if self.barred.kind == "ban" else "resting"
        if self.quarantined:
            return "wrong_chain" if self.wrong_chain else "quarantined"
        if self.failures:
            return "unreachable"
        if self.status is None or self.status.head is None:
            return "unasked"
        if self.rests_until > now:
            return "resting"
        if not self.at_head:
            return "catching_up"
        if self.status.head.height < highest - _BEHIND:
            return "behind"
        return "pruned" if self.status.available_low else "in_use"

    def percentile_ms(self, hundredths: int) -> int | None:
        """Of the last answers' times; None: fewer than two."""
        if len(self.times_s) < 2:
            return None
        return round(1000 * statistics.quantiles(self.times_s, n=100)[hundredths - 1])

    def score(self, now: float) -> int:
        """Calls a second that it is good for: those that it bears at a time, by its mean answer."""
        if not self.is_usable(now):
            return 0
        return round(self.pace.limit / max(self.latency_s, 0.001))

    def answered(self, method: str, took_s: float) -> None:
        """Counts an answer and its time."""
        self.calls += 1
        self.times_s.append(took_s)
        self.latency_s += 0.2 * (took_s - self.latency_s)
        self.pace.answered(method, took_s)
        if self.failures:
            log.info("node answers again", node=self.node.name)
        self.failures = 0

    def refused(self, error: NodeError) -> None:
        """Counts a call that was no answer."""
        self.calls += 1
        self.calls_failed += not isinstance(error, NodeLacks)
        self.failed(error.reason)
        if isinstance(error, NodeBusy):
            self.pace.refused()
            self.rests_until = time.monotonic() + error.retry_after_s

    def rest(self, reason: str) -> None:
        """Is not asked for a moment, longer with each failure in a row."""
        if self.rests_until > time.monotonic():
            return  # one outage fails every call in flight, and counts once
        if self.failures == 0:
            log.warning("node does not answer", node=self.node.name, reason=reason)
        self.failures += 1
        if self.failures > 1:  # once may be chance, and would halve a good node again and again
            self.pace.refused()
        rest_s = min(_REST_S * 2 ** min(self.failures - 1, 10), _LONGEST_REST_S)
        self.rests_until = time.monotonic() + rest_s

    def quarantine(self, reason: str) -> None:
        """Is not asked for ten minutes: it lied, or follows another network."""
        if not self.quarantined:  # once for all calls that it was being asked
            log.warning(
                "node quarantined", node=self.node.name, reason=reason, seconds=QUARANTINE_S
            )
        self.quarantined = True
        self.rests_until = time.monotonic() + QUARANTINE_S
        self.failed(reason)


def _monotonic(until: datetime | None, now: datetime) -> float:
    """A moment by this process's own clock; never comes if there is none."""
    return math.inf if until is None else time.monotonic() + (until - now).total_seconds()
