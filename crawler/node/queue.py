"""Questions that wait while every node that could answer them is busy. First come, first served."""

import asyncio
from collections import deque
from dataclasses import dataclass

from crawler.node.member import Member

_LOOKS_AGAIN_S = 1.0
"""After this it looks for itself, whatever was missed: a node's rest that is over, for one."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    woken: asyncio.Future[None]
    height: int | None
    lacking: set[str]
    """Addresses of nodes that do not have the answer."""

    def wake(self) -> None:
        if not self.woken.done():
            self.woken.set_result(None)

    def may_ask(self, member: Member) -> bool:
        return member.node.url not in self.lacking and member.holds(self.height)


class Queue:
    """Who waits for which nodes. For one event loop."""

    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    async def wait(self, height: int | None, lacking: set[str]) -> None:
        """Until a node that may hold the block has room, or a second at most."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(loop.create_future(), height, lacking)
        self._waiting.append(waiting)
        late = loop.call_later(_LOOKS_AGAIN_S, waiting.wake)
        try:
            await waiting.woken
        finally:
            late.cancel()

    def call(self, member: Member) -> None:
        """Wakes as many of those who wait for this node as it has room for, and no others."""
        room = member.pace.limit - member.in_flight
        passed_over: list[_Waiting] = []
        while room > 0 and self._waiting:
            waiting = self._waiting.popleft()
            if waiting.woken.done():
                continue
            if waiting.may_ask(member):
                waiting.wake()
                room -= 1
            else:
                passed_over.append(waiting)
        self._waiting.extendleft(reversed(passed_over))
