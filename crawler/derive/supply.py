"""Circulating supply: approved transfers, unlocks and released rewards, era by era."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate

import structlog
from sqlalchemy import func, select
from sqlmodel import Session

from crawler.columns import motes_sum
from crawler.database import upsert
from crawler.models.chain import TRANSFER, Transfer
from crawler.models.decisions import APPROVAL, PUBLICATION, UNLOCK, Publication
from crawler.models.figures import ERA, ERA_SUPPLY, EraSupply
from crawler.network import Network, Treasury

log = structlog.get_logger(__name__)

RUNNING_ERA = timedelta(hours=2)
"""How long a running era is taken to last when its unlocks are counted."""


@dataclass(frozen=True, slots=True)
class EraTotals:
    """What the circulating supply of an era depends on, besides decisions."""

    id: int
    ends_at: datetime
    """Unlocks dated up to here count."""
    total_supply: int


@dataclass(frozen=True, slots=True)
class Supply:
    """The three parts of an era's circulating supply, in motes."""

    transfers: int
    unlocks: int
    rewards: int

    @property
    def circulating(self) -> int:
        return self.transfers + self.unlocks + self.rewards


@dataclass(frozen=True, slots=True)
class Decisions:
    """What administrators decide on: the schedule, and motes of approved transfers in each era,
    and in all eras below the first one asked for."""

    schedule: Sequence[tuple[datetime, int]]
    approved: dict[int, int]
    transfers_before: int = 0


def circulating_supplies(  # noqa: PLR0913 (the formula's terms)
    eras: Iterable[EraTotals],
    network: Network,
    schedule: Sequence[tuple[datetime, int]],
    approved: dict[int, int],
    *,
    transfers_before: int = 0,
    treasuries: Sequence[Treasury] = (),
) -> Iterator[tuple[int, Supply]]:
    """Era id and supply, in the order of `eras` (rising).

    `approved`: motes of approved transfers in each era, `transfers_before`: in all eras below.
    `treasuries`: those that took effect. The formula is docs/metrics.md's.
    """
    steps = sorted(schedule)
    dates = [date for date, _ in steps]
    unlocked = list(accumulate((amount for _, amount in steps), initial=0))
    transfers = transfers_before
    for era in eras:
        transfers += approved.get(era.id, 0)
        unlocks = unlocked[bisect_right(dates, era.ends_at)]
        issued = sum(treasury.amount for treasury in treasuries if treasury.era <= era.id)
        rewards = era.total_supply - network.genesis_supply - issued
        if era.id < network.rewards_released_from_era:
            rewards = rounded_share(rewards, unlocks, network.genesis_validators_weight)
        yield era.id, Supply(transfers, unlocks, rewards)


def rounded_share(amount: int, part: int, whole: int) -> int:
    """amount × part / whole in whole motes, half up."""
    return (2 * amount * part + whole) // (2 * whole)


def derive_supply(session: Session, network: Network, publication: int, from_era: int) -> None:
    """Works out the supply of `from_era` and of every later era, as a publication has it.

    The caller holds the derive lock.
    """
    store_supplies(session, publication, supplies(session, network, publication, from_era))


def store_supplies(session: Session, publication: int, found: Iterable[tuple[int, Supply]]) -> None:
    """Writes era id and supply as a publication's, over what it has of those eras."""
    rows = [
        {
            "publication": publication,
            "era_id": era_id,
            "transfers": supply.transfers,
            "unlocks": supply.unlocks,
            "rewards": supply.rewards,
        }
        for era_id, supply in found
    ]
    parts = ("transfers", "unlocks", "rewards")
    upsert(session, EraSupply, rows, lambda new: {name: new[name] for name in parts})


def stored_supplies(session: Session, publication: int) -> dict[int, Supply]:
    """Era id → supply as it is stored of a publication, by rising era."""
    question = select(
        ERA_SUPPLY.era_id, ERA_SUPPLY.transfers, ERA_SUPPLY.unlocks, ERA_SUPPLY.rewards
    ).where(ERA_SUPPLY.publication == publication)
    rows = session.execute(question.order_by(ERA_SUPPLY.era_id))
    return {row.era_id: Supply(row.transfers, row.unlocks, row.rewards) for row in rows}


def supplies(
    session: Session, network: Network, publication: int, from_era: int
) -> Iterator[tuple[int, Supply]]:
    """Era id and supply from `from_era` on, recomputed from eras, schedule and approvals."""
    decisions = Decisions(
        schedule_of(session, publication),
        approved_in(session, publication, from_era),
        _approved_before(session, publication, from_era),
    )
    return supplies_under(session, network, decisions, from_era)


def supplies_under(
    session: Session, network: Network, decisions: Decisions, from_era: int = 0
) -> Iterator[tuple[int, Supply]]:
    """Era id and supply from `from_era` on, as these decisions would have it."""
    return circulating_supplies(
        era_totals(session, from_era),
        network,
        decisions.schedule,
        decisions.approved,
        transfers_before=decisions.transfers_before,
        treasuries=effective_treasuries(session, network),
    )


def effective_treasuries(session: Session, network: Network) -> list[Treasury]:
    """Those with whose era total supply rose by at least nine tenths of the amount.

    The others are reported: no recording shows whether mainnet's issue raised total supply.
    """
    ids = {era for treasury in network.treasuries for era in (treasury.era - 1, treasury.era)}
    question = select(ERA.id, ERA.complete, ERA.total_supply).where(ERA.id.in_(ids))
    eras = {row.id: row for row in session.execute(question)}
    effective = []
    for treasury in network.treasuries:
        before, after = eras.get(treasury.era - 1), eras.get(treasury.era)
        if before is None or after is None:
            continue
        if 10 * (after.total_supply - before.total_supply) >= 9 * treasury.amount:
            effective.append(treasury)
        elif before.complete and after.complete:
            _report_ignored(network.name, treasury.era)
    return effective


@cache
def _report_ignored(network: str, era: int) -> None:
    """Once in a process: every pass comes by here."""
    log.warning("treasury ignored, total supply did not rise", network=network, era=era)


def era_totals(session: Session, from_era: int) -> Iterator[EraTotals]:
    """`from_era` and every later era that is held, by rising id."""
    question = select(ERA.id, ERA.start, ERA.end, ERA.total_supply)
    question = question.where(ERA.id >= from_era).order_by(ERA.id)
    for row in session.execute(question):
        yield EraTotals(row.id, row.end or row.start + RUNNING_ERA, row.total_supply)


def schedule_of(session: Session, publication: int) -> list[tuple[datetime, int]]:
    """Time and motes of each step, oldest first, as a publication has the schedule."""
    question = (
        select(UNLOCK.date, UNLOCK.amount)
        .join(Publication, PUBLICATION.schedule == UNLOCK.schedule)
        .where(PUBLICATION.id == publication)
        .order_by(UNLOCK.date)
    )
    return [(row.date, row.amount) for row in session.execute(question)]


def approved_in(session: Session, publication: int, from_era: int = 0) -> dict[int, int]:
    """Era → motes approved in it, as of a publication, from `from_era` on.

    Reads ix_approval_era, of every era the approvals by their key.
    """
    newest = (
        select(APPROVAL.height, APPROVAL.index, func.max(APPROVAL.publication).label("decided"))
        .where(APPROVAL.publication <= publication, APPROVAL.era_id >= from_era)
        .group_by(APPROVAL.height, APPROVAL.index)
        .subquery()
    )
    question = (
        select(APPROVAL.era_id, motes_sum(TRANSFER.amount).label("motes"))
        .join(
            newest,
            (APPROVAL.height == newest.c.height)
            & (APPROVAL.index == newest.c.index)
            & (APPROVAL.publication == newest.c.decided),
        )
        .join(
            Transfer,
            (TRANSFER.height == APPROVAL.height) & (TRANSFER.index == APPROVAL.index),
        )
        .where(APPROVAL.approved)
        .group_by(APPROVAL.era_id)
    )
    return {row.era_id: row.motes for row in session.execute(question)}


def _approved_before(session: Session, publication: int, era_id: int) -> int:
    question = (
        select(ERA_SUPPLY.transfers)
        .where(ERA_SUPPLY.publication == publication, ERA_SUPPLY.era_id < era_id)
        .order_by(ERA_SUPPLY.era_id.desc())
        .limit(1)
    )
    return session.execute(question).scalar() or 0
