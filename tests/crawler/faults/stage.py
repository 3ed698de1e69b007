"""Plays a schedule: machines, nodes and the ways between them, as the troubles of the time say."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from crawler.progress import standing
from crawler.sandbox.running import RunningNetwork
from tests.crawler.crawls import Crawl
from tests.crawler.faults.machine import Machine
from tests.crawler.faults.schedule import (
    DatabaseCutOff,
    DatabaseDown,
    Disturbance,
    HeadMoves,
    MachineKilled,
    MachineStopped,
    NodeCutOff,
    NodeFaulty,
    Schedule,
    Trouble,
)

RECOVERS_WITHIN_S = 30
"""From the last trouble to every block and figure; a second or two on an idle machine."""
_HONEST = {"latency_ms": 10}
"""Not faster, or the crawl would be over before the first trouble."""
_LAST_BLOCKS = 3
_THREADS = 32

Kind = TypeVar("Kind", bound=Trouble)


async def play(schedule: Schedule, nodes: RunningNetwork, crawl: Crawl) -> None:
    """Crawls through all troubles, and after them to the head."""
    # stalled database calls keep their threads
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS))
    stage = Stage(nodes, [Machine(crawl) for _ in range(schedule.machines)])
    try:
        await stage.open()
        if schedule.under_way:
            await stage.first_blocks(crawl)
        await _play_acts(schedule, stage)
        async with asyncio.timeout(RECOVERS_WITHIN_S):
            await stage.recover(crawl)
    finally:
        async with asyncio.timeout(RECOVERS_WITHIN_S):
            await stage.close()


async def _play_acts(schedule: Schedule, stage: "Stage") -> None:
    begins = [(act.start_s, 1, act.trouble) for act in schedule.acts]
    ends = [(act.end_s, 0, act.trouble) for act in schedule.acts]
    loop = asyncio.get_running_loop()
    started = loop.time()
    for at_s, begins_now, trouble in sorted(begins + ends, key=lambda change: change[:2]):
        await asyncio.sleep(started + at_s - loop.time())
        await (stage.begin(trouble) if begins_now else stage.end(trouble))


class Stage:
    """Everything that takes part. Its state follows from the troubles that last now."""

    def __init__(self, nodes: RunningNetwork, machines: list[Machine]) -> None:
        self._nodes = nodes
        self._machines = machines
        self._troubles: list[Trouble] = []
        self._faults: list[dict[str, Any]] = [{} for _ in nodes.urls]

    async def open(self) -> None:
        for machine in self._machines:
            await machine.open()
        await self._arrange()

    async def close(self) -> None:
        for machine in self._machines:
            await machine.close()

    async def begin(self, trouble: Trouble) -> None:
        self._troubles.append(trouble)
        await self._arrange()

    async def end(self, trouble: Trouble) -> None:
        self._troubles.remove(trouble)
        await self._arrange()
        if isinstance(trouble, HeadMoves):
            self._nodes.advance(trouble.blocks)

    async def first_blocks(self, crawl: Crawl) -> None:
        """Waits until some are held."""
        async with asyncio.timeout(RECOVERS_WITHIN_S):
            while not (await asyncio.to_thread(standing, crawl.engine)).held:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def recover(self, crawl: Crawl) -> None:
        """Waits until everything up to the newest block is held and worked out."""
        self._nodes.advance(_LAST_BLOCKS)
        blocks = self._nodes.chain.height + 1
        while True:
            for machine in self._machines:
                machine.raise_if_failed()
            now = await asyncio.to_thread(standing, crawl.engine)
            if now.complete and now.expected == blocks:
                return
            await asyncio.sleep(0.05)

    async def _arrange(self) -> None:
        for number in range(len(self._faults)):
            self._arrange_node(number)
        for number, machine in enumerate(self._machines):
            await self._arrange_machine(number, machine)

    def _arrange_node(self, number: int) -> None:
        faults = dict(_HONEST)
        for trouble in self._lasting(NodeFaulty):
            if trouble.node == number:
                faults |= trouble.faults
        if faults != self._faults[number]:  # switching begins a fault anew
            self._nodes.set_faults(number, faults)
            self._faults[number] = faults

    async def _arrange_machine(self, number: int, machine: Machine) -> None:
        killed = any(each.machine == number for each in self._lasting(MachineKilled))
        stopped = any(each.machine == number for each in self._lasting(MachineStopped))
        if killed and machine.runs:
            machine.kill()
        elif stopped and machine.runs:
            machine.stop()
        elif not (killed or stopped or machine.runs):
            await machine.start()
        for node in range(len(self._faults)):
            cuts = self._lasting(NodeCutOff)
            hows = [cut.how for cut in cuts if (cut.machine, cut.node) == (number, node)]
            machine.disturb_node(node, _newest(hows))
        hows = [cut.how for cut in self._lasting(DatabaseCutOff) if cut.machine == number]
        down = bool(self._lasting(DatabaseDown))
        machine.disturb_database("refuse" if down else _newest(hows))

    def _lasting(self, kind: type[Kind]) -> list[Kind]:
        return [trouble for trouble in self._troubles if isinstance(trouble, kind)]


def _newest(hows: list[Disturbance]) -> Disturbance | None:
    return hows[-1] if hows else None
