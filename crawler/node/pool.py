"""Many nodes as one: which may be asked, which is fastest, which rests, what head is trusted.

All retries live here.
"""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import msgspec
import structlog

from crawler import telemetry
from crawler.node.errors import (
    NodeBusy,
    NodeError,
    NodeLacks,
    NodeLied,
    NodeRefused,
    NodeUnreadable,
    NoNode,
)
from crawler.node.pace import Pace
from crawler.node.rpc import Node
from crawler.parse.records import BlockReference, StatusRecord
from crawler.parse.status import parse_status

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

QUARANTINE_S = 600
_REST_S, _LONGEST_REST_S = 0.1, 60.0
_FAR_AHEAD = 20
"""Blocks above the others' median from which a lone node's head is not believed."""
_PATIENCE_S = 60
"""How long one question is tried before the caller is told that no node answers."""


@dataclass(slots=True)
class Member:
    """One node and what this process has seen of it."""

    node: Node
    pace: Pace
    status: StatusRecord | None = None
    latency_s: float = 0.05
    in_flight: int = 0
    failures: int = 0
    """In a row."""
    rests_until: float = 0
    quarantined: bool = False
    last_error: str | None = None
    asking: asyncio.Task[None] | None = None
    """The question for its status that is under way."""

    def holds(self, height: int | None) -> bool:
        """Whether the node says that it has that block and its state (None: any block)."""
        if self.status is None or self.status.head is None:
            return False
        if height is None:
            return True
        low, high = self.status.available_low or 0, self.status.head.height
        # the status is up to a poll old: the next blocks may well be there
        return low <= height <= high + _FAR_AHEAD


class Pool:
    """The nodes of one network, asked as if they were one."""

    def __init__(
        self, urls: Iterable[str], client: httpx.AsyncClient, *, chain: str, concurrency: int
    ) -> None:
        self.members = [Member(Node(url, client), Pace(concurrency)) for url in urls]
        self._chain = chain
        self._slots = asyncio.Semaphore(concurrency)
        self._freed = asyncio.Event()

    async def ask(
        self,
        method: str,
        params: dict[str, Any],
        parse: Callable[[msgspec.Raw], Answer | None],
        *,
        height: int | None = None,
    ) -> Answer:
        """The first right answer of a node that holds `height`.

        Raises NoNode when none gives one within a minute.
        """
        return (await self.ask_from(method, params, parse, height=height))[0]

    async def ask_from(
        self,
        method: str,
        params: dict[str, Any],
        parse: Callable[[msgspec.Raw], Answer | None],
        *,
        height: int | None = None,
    ) -> tuple[Answer, str]:
        """As `ask`, with the address of the node that answered."""
        reasons: dict[str, str] = {}
        lacking: set[str] = set()
        suspects: dict[str, str] = {}
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            member = await self._next(height, lacking, deadline)
            if member is None:
                raise NoNode(f"{method} at {height}", reasons or self._why_not(height))
            try:
                answer = await self._ask_one(member, method, params, parse)
            except NodeError as error:
                reasons[error.url] = error.reason
                if isinstance(error, NodeLacks | NodeRefused | NodeUnreadable):
                    lacking.add(error.url)
                if isinstance(error, NodeUnreadable):
                    suspects[error.url] = error.reason
                continue
            # what only some cannot answer well is theirs; what nobody can may be our reading
            for url, reason in suspects.items():
                self.quarantine(url, reason)
            return answer, member.node.url

    async def ask_each(
        self,
        method: str,
        params: dict[str, Any],
        parse: Callable[[msgspec.Raw], Answer | None],
        *,
        height: int,
    ) -> dict[str, Answer]:
        """Address → answer, of every usable node that holds `height` and answers at once."""
        asked = [member for member in self.members if self._usable(member) and member.holds(height)]
        answers = await asyncio.gather(
            *(self._ask_one(member, method, params, parse) for member in asked),
            return_exceptions=True,
        )
        found = {}
        for member, answer in zip(asked, answers, strict=True):
            if isinstance(answer, BaseException) and not isinstance(answer, NodeError):
                raise answer
            if not isinstance(answer, BaseException):
                found[member.node.url] = answer
        return found

    async def refresh(self, patience_s: float | None = None) -> None:
        """Asks every node that is not resting or in quarantine for its status.

        Returns after `patience_s` at the latest; slower nodes' answers count when they come.
        """
        for member in self.members:
            if member.asking is None or member.asking.done():
                member.asking = asyncio.create_task(self._refresh_one(member))
        asked = [member.asking for member in self.members if member.asking is not None]
        if asked:
            done, _ = await asyncio.wait(asked, timeout=patience_s)
            for task in done:
                task.result()

    def close(self) -> None:
        """Asks nobody any more."""
        for member in self.members:
            if member.asking is not None:
                member.asking.cancel()

    def span(self) -> tuple[int, int] | None:
        """The lowest and highest height that usable nodes may hold; None: no node is usable."""
        statuses = [m.status for m in self.members if self._usable(m) and m.status is not None]
        highs = [status.head.height for status in statuses if status.head is not None]
        if not highs:
            return None
        return min(status.available_low or 0 for status in statuses), max(highs)

    def trusted_head(self, min_nodes: int) -> BlockReference | None:
        """The highest block that `min_nodes` usable nodes have reached; None: too few agree.

        A node that is higher counts for each block below. Where nodes name different blocks of a
        height, the most named one counts. A head far above most nodes' is not believed.
        """
        heads = [
            member.status.head
            for member in self.members
            if self._usable(member) and member.status is not None and member.status.head is not None
        ]
        # those that rest for a moment still tell how high the chain was
        known = [
            member.status.head.height
            for member in self.members
            if not member.quarantined and member.status is not None and member.status.head
        ]
        if len(known) > 2:
            middle = statistics.median_high(known)
            heads = [head for head in heads if head.height <= middle + _FAR_AHEAD]
        for height in sorted({head.height for head in heads}, reverse=True):
            higher = sum(head.height > height for head in heads)
            named = Counter(head for head in heads if head.height == height)
            head, count = named.most_common(1)[0]
            if higher + count >= min_nodes:
                return head
        return None

    def quarantine(self, url: str, reason: str) -> None:
        """Does not ask that node again for ten minutes."""
        for member in self.members:
            if member.node.url == url:
                member.quarantined = True
                member.rests_until = time.monotonic() + QUARANTINE_S
                member.last_error = reason
                log.warning(
                    "node quarantined", node=member.node.name, reason=reason, seconds=QUARANTINE_S
                )

    def problems(self) -> dict[str, str]:
        """Address → why that node is not asked now."""
        return {
            member.node.url: member.last_error or "not asked yet"
            for member in self.members
            if not self._usable(member)
        }

    async def _refresh_one(self, member: Member) -> None:
        if member.rests_until > time.monotonic():
            return
        try:
            status = await self._ask_one(member, "info_get_status", {}, parse_status)
        except NodeError:
            return
        member.quarantined = False
        if status.chain_name != self._chain:
            self.quarantine(
                member.node.url,
                f"follows the network {status.chain_name!r}, not {self._chain!r}",
            )
            return
        member.status = status

    async def _next(self, height: int | None, lacking: set[str], deadline: float) -> Member | None:
        """The best node that may hold the block, waiting for one that rests; None: give up."""
        while True:
            holders = [
                member
                for member in self.members
                if member.node.url not in lacking
                and member.holds(height)
                and not member.quarantined
            ]
            now = time.monotonic()
            if not holders or now > deadline:
                return None
            awake = [member for member in holders if member.rests_until <= now]
            ready = [member for member in awake if member.in_flight < member.pace.limit]
            if ready:
                return min(ready, key=lambda member: member.latency_s * (member.in_flight + 1))
            if awake:
                await self._any_freed()
                continue
            first = min(member.rests_until for member in holders)
            if first > deadline:
                return None
            await asyncio.sleep(max(first - now, 0.01))

    async def _any_freed(self) -> None:
        """Waits until some node has answered a call; a second at most, whatever was missed."""
        self._freed.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._freed.wait(), 1)

    async def _ask_one(
        self,
        member: Member,
        method: str,
        params: dict[str, Any],
        parse: Callable[[msgspec.Raw], Answer | None],
    ) -> Answer:
        name = member.node.name
        try:
            async with self._slot(member):
                started = time.monotonic()
                answer = await member.node.ask(method, params, parse)
                took_s = time.monotonic() - started
        except NodeError as error:
            telemetry.CALLS.labels(method, name, type(error).__name__).inc()
            self._note(member, error)
            raise
        telemetry.CALLS.labels(method, name, "answered").inc()
        telemetry.CALL_SECONDS.labels(method).observe(took_s)
        member.latency_s += 0.2 * (took_s - member.latency_s)
        member.pace.answered(method, took_s)
        if member.failures:
            log.info("node answers again", node=member.node.name)
        member.failures = 0
        return answer

    @asynccontextmanager
    async def _slot(self, member: Member) -> AsyncIterator[None]:
        # counted before the wait, so that waiting callers spread over the nodes too
        member.in_flight += 1
        try:
            with telemetry.WAITING.track_inprogress():
                await self._slots.acquire()
            try:
                with telemetry.IN_FLIGHT.labels(member.node.name).track_inprogress():
                    yield
            finally:
                self._slots.release()
        finally:
            member.in_flight -= 1
            self._freed.set()

    def _note(self, member: Member, error: NodeError) -> None:
        member.last_error = error.reason
        if isinstance(error, NodeLied):
            self.quarantine(error.url, error.reason)
        elif isinstance(error, NodeBusy):
            member.pace.refused()
            member.rests_until = time.monotonic() + error.retry_after_s
        elif not isinstance(error, NodeLacks | NodeRefused):
            self._rest(member, error.reason)

    def _rest(self, member: Member, reason: str) -> None:
        if member.rests_until > time.monotonic():
            return  # one outage fails every call in flight, and counts once
        if member.failures == 0:
            log.warning("node does not answer", node=member.node.name, reason=reason)
        member.failures += 1
        if member.failures > 1:  # once may be chance, and would halve a good node again and again
            member.pace.refused()
        rest = min(_REST_S * 2 ** min(member.failures - 1, 10), _LONGEST_REST_S)
        member.rests_until = time.monotonic() + rest

    def _usable(self, member: Member) -> bool:
        return (
            member.status is not None
            and not member.quarantined
            and member.rests_until <= time.monotonic()
        )

    def _why_not(self, height: int | None) -> dict[str, str]:
        reasons = self.problems()
        for member in self.members:
            if member.node.url not in reasons and not member.holds(height):
                reasons[member.node.url] = f"does not hold block {height}"
        return reasons
