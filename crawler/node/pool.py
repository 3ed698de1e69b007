"""Many nodes as one: which may be asked, which is fastest, which rests, what head is trusted.

All retries live here.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import msgspec

from crawler import telemetry
from crawler.node.client import Caller
from crawler.node.errors import (
    NodeBusy,
    NodeError,
    NodeLacks,
    NodeLied,
    NodeRefused,
    NodeUnreadable,
    NoNode,
)
from crawler.node.head import trusted_head
from crawler.node.member import Member, Wish
from crawler.node.pace import Pace
from crawler.node.queue import Queue
from crawler.node.rpc import Node
from crawler.parse.records import BlockReference
from crawler.parse.status import parse_status

Answer = TypeVar("Answer")

# looking a labelled figure up costs more than counting in it
_calls = cache(telemetry.CALLS.labels)
_call_seconds = cache(telemetry.CALL_SECONDS.labels)
_in_flight = cache(telemetry.IN_FLIGHT.labels)

_PATIENCE_S = 60
"""How long one question is tried before the caller is told that no node answers."""


class Pool:
    """The nodes of one network, asked as if they were one."""

    def __init__(
        self, urls: Iterable[str], client: Caller, *, chain: str, concurrency: int
    ) -> None:
        self._client = client
        self._concurrency = concurrency
        self.members = [self._member(url) for url in urls]
        self._added: set[str] = set()
        self._chain = chain
        self._slots = asyncio.Semaphore(concurrency)
        self._queue = Queue()

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
                telemetry.RETRIES.labels(method).inc()
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
        now = time.monotonic()
        asked = [each for each in self.members if each.is_usable(now) and each.holds(height)]
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
            self._start_asking(member)
        asked = [member.asking for member in self.members if member.asking is not None]
        if asked:
            done, _ = await asyncio.wait(asked, timeout=patience_s)
            for task in done:
                if not task.cancelled():  # its node was dropped meanwhile
                    task.result()

    def close(self) -> None:
        """Asks nobody any more."""
        for member in self.members:
            if member.asking is not None:
                member.asking.cancel()

    def span(self) -> tuple[int, int] | None:
        """The lowest and highest height that usable nodes may hold; None: no node is usable."""
        now = time.monotonic()
        held = [m.held for m in self.members if m.held is not None and m.is_usable(now)]
        if not held:
            return None
        return min(low for low, _ in held), max(high for _, high in held)

    def trusted_head(self, min_nodes: int) -> BlockReference | None:
        """The highest block that `min_nodes` usable nodes have reached; None: too few agree.

        Nodes that are still catching up have no voice.
        """
        now = time.monotonic()
        told = [
            (member, member.status.head)
            for member in self.members
            if member.at_head and member.status is not None and member.status.head is not None
        ]
        heads = [head for member, head in told if member.is_usable(now)]
        # those that rest for a moment still tell how high the chain was
        known = [head.height for member, head in told if not member.quarantined]
        return trusted_head(heads, known, min_nodes)

    def quarantine(self, url: str, reason: str) -> None:
        """Does not ask that node again for ten minutes."""
        for member in self.members:
            if member.node.url == url:
                member.quarantine(reason)

    def obey(self, wishes: Sequence[Wish], now: datetime) -> None:
        """Does what operators want now: adds nodes and drops them again, bars some, tests some."""
        self._keep_added({wish.address for wish in wishes if wish.address is not None})
        for member in self.members:
            mine = [wish for wish in wishes if wish.url == member.node.name]
            if member.obey(mine, now):
                self._start_asking(member)

    def problems(self) -> dict[str, str]:
        """Address → why that node is not asked now."""
        now = time.monotonic()
        return {
            member.node.url: member.problem(now)
            for member in self.members
            if not member.is_usable(now)
        }

    def headless(self) -> dict[str, str]:
        """Address → why that node has no say in where the head is."""
        syncing = {
            member.node.url: f"still catching up ({member.status.reactor_state})"
            for member in self.members
            if member.status is not None and not member.at_head
        }
        return syncing | self.problems()

    def _member(self, url: str) -> Member:
        return Member(Node(url, self._client), Pace(self._concurrency))

    def _keep_added(self, urls: set[str]) -> None:
        for member in self.members:
            if member.node.url in self._added - urls and member.asking is not None:
                member.asking.cancel()
        self.members = [m for m in self.members if m.node.url not in self._added - urls]
        known = {member.node.url for member in self.members}
        self._added = (self._added & urls) | (urls - known)
        new = [self._member(url) for url in sorted(urls - known)]
        self.members += new
        for member in new:
            self._start_asking(member)

    def _start_asking(self, member: Member) -> None:
        if member.asking is None or member.asking.done():
            member.asking = asyncio.create_task(self._refresh_one(member))

    async def _refresh_one(self, member: Member) -> None:
        now = time.monotonic()
        if member.rests_until > now or member.is_barred(now):
            return
        try:
            status = await self._ask_one(member, "info_get_status", {}, parse_status)
        except NodeError:
            return
        if member.quarantined and member.rests_until > time.monotonic():
            return  # it lied while it was being asked
        member.quarantined = False
        member.wrong_chain = status.chain_name != self._chain
        if member.wrong_chain:
            member.quarantine(f"follows the network {status.chain_name!r}, not {self._chain!r}")
            return
        member.told(status)

    async def _next(self, height: int | None, lacking: set[str], deadline: float) -> Member | None:
        """The best node that may hold the block, waiting for one that rests; None: give up."""
        while True:
            now = time.monotonic()
            holders = [
                member
                for member in self.members
                if member.node.url not in lacking
                and member.holds(height)
                and not (member.quarantined or member.is_barred(now))
            ]
            if not holders or now > deadline:
                return None
            awake = [member for member in holders if member.rests_until <= now]
            ready = [member for member in awake if member.in_flight < member.pace.limit]
            if ready:
                return min(ready, key=lambda member: member.latency_s * (member.in_flight + 1))
            if awake:
                await self._queue.wait(height, lacking)
                continue
            first = min(member.rests_until for member in holders)
            if first > deadline:
                return None
            await asyncio.sleep(max(first - now, 0.01))

    async def _ask_one(
        self,
        member: Member,
        method: str,
        params: dict[str, Any],
        parse: Callable[[msgspec.Raw], Answer | None],
    ) -> Answer:
        name = member.node.name
        try:
            answer, took_s = await self._in_turn(member, method, params, parse)
        except NodeError as error:
            _calls(method, name, type(error).__name__).inc()
            self._note(member, error)
            raise
        _calls(method, name, "answered").inc()
        _call_seconds(method).observe(took_s)
        member.answered(method, took_s)
        return answer

    async def _in_turn(
        self,
        member: Member,
        method: str,
        params: dict[str, Any],
        parse: Callable[[msgspec.Raw], Answer | None],
    ) -> tuple[Answer, float]:
        """The answer and the seconds it took, once one of all nodes' places is free."""
        # counted before the wait, so that waiting callers spread over the nodes too
        member.in_flight += 1
        try:
            await self._place()
            in_flight = _in_flight(member.node.name)
            in_flight.inc()
            try:
                started = time.monotonic()
                answer = await member.node.ask(method, params, parse)
                return answer, time.monotonic() - started
            finally:
                in_flight.dec()
                self._slots.release()
        finally:
            member.in_flight -= 1
            self._queue.call(member)

    async def _place(self) -> None:
        if self._slots.locked():
            with telemetry.WAITING.track_inprogress():
                await self._slots.acquire()
        else:
            await self._slots.acquire()

    def _note(self, member: Member, error: NodeError) -> None:
        member.refused(error)
        if isinstance(error, NodeLied):
            member.quarantine(error.reason)
        elif not isinstance(error, NodeBusy | NodeLacks | NodeRefused):
            member.rest(error.reason)

    def _why_not(self, height: int | None) -> dict[str, str]:
        reasons = self.problems()
        for member in self.members:
            if member.node.url not in reasons and not member.holds(height):
                reasons[member.node.url] = f"does not hold block {height}"
        return reasons
