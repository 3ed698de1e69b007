"""Blocks: none missing, each linked to its parent, eras in order; sums an era on the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from crawler.check.report import Fault
from crawler.models.chain import BLOCK
from crawler.models.work import CRAWL_RANGE

_STREAM_ROWS = 5000
_SWITCH_FIGURES = (
    "next_era_weight",
    "validators",
    "validators_rewards",
    "delegators",
    "delegators_rewards",
)


@dataclass(slots=True)
class EraSums:
    """What an era's row must say, added up block by block."""

    first: Row[Any]
    last: Row[Any]
    before: Row[Any] | None
    """The switch block of the era before, where it is held."""
    blocks: int = 0
    deploys: int = 0
    transfers: int = 0
    staked: int = 0
    unstaked: int = 0
    redelegated: int = 0
    transfer_volume: int = 0
    """Motes of native transfers, which `TransferProof` adds."""


class BlockProof:
    """Reads every block once, by height."""

    def __init__(self, crawl_from: int, planned_to: int) -> None:
        self._next = crawl_from
        self._planned_to = planned_to
        self._previous: Row[Any] | None = None
        self._switch: Row[Any] | None = None
        self.count = 0
        self.newest: int | None = None
        self.eras: dict[int, EraSums] = {}
        self.listed: dict[int, int | None] = {}
        """Height → rows of transfers that there must be, where there are any; None: not told."""

    def faults(self, session: Session) -> Iterator[Fault | str]:
        """Each fault as one line."""
        question = select(BLOCK.height.table).order_by(BLOCK.height)
        for row in session.execute(question.execution_options(yield_per=_STREAM_ROWS)):
            yield from self._gap(row.height)
            yield from self._link(row)
            yield from self._figures(row)
            self._add(row)
            self._previous, self._next = row, max(self._next, row.height + 1)
            if row.switch:
                self._switch = row
        if self.count == 0:
            yield "no block is held"
        elif self._previous is not None:
            self.newest = self._previous.height
            yield from self._end(session)

    def _gap(self, height: int) -> Iterator[Fault | str]:
        """Heights below this one that should have come by now."""
        last = height - 1
        if last == self._next:
            yield f"block {last} is missing"
        elif last > self._next:
            yield f"blocks {self._next} to {last} are missing"

    def _end(self, session: Session) -> Iterator[Fault | str]:
        """Heights above the newest block are on their way where a range holds them."""
        planned = select(CRAWL_RANGE.first, CRAWL_RANGE.last).order_by(CRAWL_RANGE.first)
        for row in session.execute(planned.where(CRAWL_RANGE.last >= self._next)):
            yield from self._gap(row.first)
            self._next = max(self._next, row.last + 1)
        yield from self._gap(self._planned_to + 1)

    def _link(self, row: Row[Any]) -> Iterator[Fault | str]:
        before = self._previous
        if row.height == 0 and row.parent_hash.strip("0"):
            yield Fault(f"block 0: has the parent {row.parent_hash}", (0,))
        if before is None or before.height != row.height - 1:
            return
        if row.parent_hash != before.hash:
            yield Fault(
                f"block {row.height}: names the parent {row.parent_hash},"
                f" block {before.height} is {before.hash}",
                (before.height, row.height),
            )
        if row.era_id != before.era_id + before.switch:
            ended = "ended" if before.switch else "had not ended"
            line = f"block {row.height}: era {row.era_id} after {before.era_id}, which {ended}"
            yield Fault(line, (before.height, row.height))
        if row.timestamp < before.timestamp:
            line = f"block {row.height}: earlier than block {before.height}"
            yield Fault(line, (before.height, row.height))

    def _figures(self, row: Row[Any]) -> Iterator[Fault | str]:
        for name in _SWITCH_FIGURES:
            if (getattr(row, name) is not None) != row.switch:
                problem = "missing" if row.switch else "set, on no switch block"
                yield Fault(f"block {row.height}: {name} is {problem}", (row.height,))
        if row.deploys < 0 or row.transfers < 0:
            yield Fault(f"block {row.height}: a negative count", (row.height,))
        if self._may_not_change_supply(row) and row.total_supply != self._previous.total_supply:  # type: ignore[union-attr]
            line = f"block {row.height}: total supply changed, where the protocol rules it out"
            yield Fault(line, (row.height - 1, row.height))

    def _may_not_change_supply(self, row: Row[Any]) -> bool:
        before = self._previous
        return (
            before is not None
            and before.height == row.height - 1
            and before.protocol_version == row.protocol_version
            and not row.switch
            and (row.protocol_version.startswith("1.") or row.deploys + row.transfers == 0)
        )

    def _add(self, row: Row[Any]) -> None:
        self.count += 1
        if row.transfer_rows != 0:
            self.listed[row.height] = row.transfer_rows
        sums = self.eras.get(row.era_id)
        if sums is None:
            follows = self._switch is not None and self._switch.era_id == row.era_id - 1
            sums = self.eras[row.era_id] = EraSums(row, row, self._switch if follows else None)
        sums.last = row
        sums.blocks += 1
        sums.deploys += row.deploys
        sums.transfers += row.transfers
        sums.staked += row.staked
        sums.unstaked += row.unstaked
        sums.redelegated += row.redelegated
