"""Circulating supply: approved transfers, unlocks and released rewards, era by era."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import structlog
from sqlalchemy import func, select
from sqlmodel import Session

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
    transfers = transfers_before
    for era in eras:
        transfers += approved.get(era.id, 0)
        unlocks = sum(amount for date, amount in schedule if date <= era.ends_at)
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
    rows = [
        {
            "publication": publication,
            "era_id": era_id,
            "transfers": supply.transfers,
            "unlocks": supply.unlocks,
            "rewards": supply.rewards,
        }
        for era_id, supply in supplies(session, network, publication, from_era)
    ]
    parts = ("transfers", "unlocks", "rewards")
    upsert(session, EraSupply, rows, lambda new: {name: new[name] for name in parts})


def supplies(
    session: Session, network: Network, publication: int, from_era: int
) -> Iterator[tuple[int, Supply]]:
    """Era id and supply from `from_era` on, recomputed from eras, schedule and approvals."""
    return circulating_supplies(
        _eras(session, from_era),
        network,
        _schedule(session, publication),
        _approved(session, publication, from_era),
        transfers_before=_approved_before(session, publication, from_era),
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


def _eras(session: Session, from_era: int) -> Iterator[EraTotals]:
    question = select(ERA.id, ERA.start, ERA.end, ERA.total_supply)
    question = question.where(ERA.id >= from_era).order_by(ERA.id)
    for row in session.execute(question):
        yield EraTotals(row.id, row.end or row.start + RUNNING_ERA, row.total_supply)


def _schedule(session: Session, publication: int) -> list[tuple[datetime, int]]:
    question = (
        select(UNLOCK.date, UNLOCK.amount)
        .join(Publication, PUBLICATION.schedule == UNLOCK.schedule)
        .where(PUBLICATION.id == publication)
        .order_by(UNLOCK.date)
    )
    return [(row.date, row.amount) for row in session.execute(question)]


def _approved(session: Session, publication: int, from_era: int) -> dict[int, int]:
    """Era → motes approved in it, as of a publication. Reads ix_approval_era."""
    newest = (
        select(APPROVAL.height, APPROVAL.index, func.max(APPROVAL.publication).label("decided"))
        .where(APPROVAL.publication <= publication, APPROVAL.era_id >= from_era)
        .group_by(APPROVAL.height, APPROVAL.index)
        .subquery()
    )
    question = (
        select(APPROVAL.era_id, TRANSFER.amount)
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
    )
    sums: dict[int, int] = {}
    for row in session.execute(question):
        sums[row.era_id] = sums.get(row.era_id, 0) + row.amount
    return sums


def _approved_before(session: Session, publication: int, era_id: int) -> int:
    question = (
        select(ERA_SUPPLY.transfers)
        .where(ERA_SUPPLY.publication == publication, ERA_SUPPLY.era_id < era_id)
        .order_by(ERA_SUPPLY.era_id.desc())
        .limit(1)
    )
    return session.execute(question).scalar() or 0
