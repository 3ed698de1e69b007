"""Watches the database for this process: one small question twice a second, whoever listens."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial

import anyio
import orjson
from sqlmodel import Session

from casper_dash.api.answers import Answers
from casper_dash.api.caching import UNCHANGING, held_s
from casper_dash.api.database import Database
from casper_dash.api.kinds import render_row
from casper_dash.api.listeners import Event, Listeners
from casper_dash.api.places import MAX_LAG_S
from casper_dash.api.problems import Problem
from casper_dash.api.resource import Resource
from casper_dash.api.v1.blocks import BLOCKS
from casper_dash.api.v1.eras import ERAS
from casper_dash.api.v1.supply import SUPPLY
from casper_dash.queries.blocks import BlockFilter, blocks
from casper_dash.queries.eras import newest_complete_era
from casper_dash.queries.paging import Page, Row
from casper_dash.queries.pulse import Pulse, pulse
from casper_dash.queries.supply import SupplyFilter, supply

POLL_S = 0.5
_BLOCKS_AT_ONCE = 20
"""Of more new blocks, the newest: a crawl that catches up is no news, block by block."""
_LONGEST_S = held_s(UNCHANGING)
_PUBLISHED_S = _LONGEST_S - 1
"""What a publication may change holds shorter than what can never change."""
_LAG_LOOKS = round(MAX_LAG_S / POLL_S)
"""After so many looks every replica that is read shows what the first one did."""


@dataclass
class Watch:
    """Tells listeners what is new, and lets go of the ready answers that are old then."""

    database: Database
    answers: Answers
    listeners: Listeners
    _known: Pulse = field(default_factory=Pulse)
    _lower: int = 0
    """How many looks in a row found less than what is known."""
    _settling: int = 0
    """For how many more looks a replica may answer with the publication before."""

    async def run(self) -> None:
        """Until it is cancelled. While the database is away, nothing is new."""
        async with anyio.create_task_group() as tasks:
            places = self.database.places
            for place in (places.source, *places.replicas) if places.replicas else ():
                # each by itself: one that hangs must not keep the others from being looked at
                tasks.start_soon(_repeat, partial(places.look, place))
            tasks.start_soon(_repeat, self.look)

    async def look(self) -> None:
        """One look at the database."""
        try:
            now, events = await self.database.ask(partial(_news, self._known))
        except Problem:
            return
        if self._is_of_a_replica_behind(now):
            return
        if now != self._known:
            self._let_go(now)
            self._known = now
            self.listeners.send(events)
        elif self._settling:
            self._settling -= 1
            self.answers.drop(held_s=_PUBLISHED_S)

    def _is_of_a_replica_behind(self, now: Pulse) -> bool:
        """Else a lower height is the truth: blocks were taken back, or it is another database."""
        self._lower = self._lower + 1 if _is_lower(now, self._known) else 0
        return 0 < self._lower <= self._lag_looks()

    def _lag_looks(self) -> int:
        return _LAG_LOOKS if self.database.places.replicas else 0

    def _let_go(self, now: Pulse) -> None:
        if _is_lower(now, self._known):
            # even what was not to change any more
            self.answers.drop(held_s=_LONGEST_S)
        elif now.publication != self._known.publication:
            self.answers.drop(held_s=_PUBLISHED_S)
            self._settling = self._lag_looks()
        else:
            self.answers.drop(held_s=1)


def _is_lower(now: Pulse, known: Pulse) -> bool:
    return known.height is not None and (now.height is None or now.height < known.height)


async def _repeat(look: Callable[[], Awaitable[None]]) -> None:
    while True:
        await look()
        await anyio.sleep(POLL_S)


def _news(known: Pulse, session: Session) -> tuple[Pulse, list[Event]]:
    now = pulse(session)
    return now, [] if now == known else list(_events(session, known, now))


def _events(session: Session, known: Pulse, now: Pulse) -> Iterator[Event]:
    for row in reversed(_new_blocks(session, known, now)):
        yield _event(BLOCKS, row)
    if (known.era_id, known.publication) == (now.era_id, now.publication):
        return
    era, supply_now = newest_complete_era(session), supply(session, SupplyFilter())
    if era is not None:
        yield _event(ERAS, era)
    if supply_now is not None:
        yield _event(SUPPLY, asdict(supply_now))


def _new_blocks(session: Session, known: Pulse, now: Pulse) -> list[Row]:
    """Newest first; of a first look, or after a fall, the newest alone."""
    if now.height is None or now.height == known.height:
        return []
    told = -1 if known.height is None or known.height > now.height else known.height
    first = now.height if told < 0 else told + 1
    wanted = BlockFilter(from_height=first, to_height=now.height)
    return blocks(session, wanted, Page(_BLOCKS_AT_ONCE))


def _event(resource: Resource, row: Row) -> Event:
    return Event(resource.name, orjson.dumps(render_row(resource.fields, row)))
