"""By how much circulating supply would move: of the draft, and of a proposal for every era."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, or_, select
from sqlmodel import Session

from casper_dash.decisions import curation
from casper_dash.decisions.checks import Check, checks_of
from casper_dash.decisions.selection import STAGED
from casper_dash.decisions.steps import steps_of
from casper_dash.queries.published import APPROVED, SEEN_PUBLICATION
from crawler.columns import motes_sum
from crawler.derive.supply import (
    Decisions,
    Supply,
    approved_in,
    schedule_of,
    stored_supplies,
    supplies_under,
)
from crawler.models.chain import TRANSFER
from crawler.models.drafts import STAGED_DECISION
from crawler.network import Network

BIGGEST = 20


@dataclass(frozen=True, slots=True)
class EraEffect:
    """An era's supply as readers see it (None: not yet), and as it would be."""

    era_id: int
    before: Supply | None
    after: Supply

    @property
    def moved(self) -> int:
        """Motes by which circulating would rise."""
        return self.after.circulating - (self.before.circulating if self.before else 0)


@dataclass(frozen=True)
class Effects:
    """What a publication would change, era by era.

    `first_era`: the first that changes, None: nothing does. `now`: motes by which the newest
    era's circulating supply would rise. `biggest`: eras with which the difference jumps most.
    """

    base: int
    eras: tuple[EraEffect, ...]
    first_era: int | None
    now: int
    biggest: tuple[EraEffect, ...]
    checks: tuple[Check, ...]

    @property
    def blocking(self) -> list[Check]:
        """What must not be published as it is."""
        return [check for check in self.checks if check.blocking and not check.passed]


def draft_effect(session: Session, proposal: int | None = None) -> dict[int, int]:
    """Era → motes that staged decisions add to its approved transfers, by rising era.

    Circulating supply moves by the sum up to an era; now by the sum of all. `proposal`: those
    that are frozen in it. Reads ix_staged_proposal, transfers and approvals by their keys.
    """
    decision = STAGED_DECISION.decision
    frozen = STAGED_DECISION.proposal
    in_it = frozen.is_(None) if proposal is None else frozen == proposal
    question = (
        select(
            TRANSFER.era_id,
            _sum(and_(decision == "approve", or_(APPROVED.is_(None), APPROVED.is_(False)))).label(
                "added"
            ),
            _sum(and_(decision == "reject", APPROVED.is_(True))).label("taken"),
        )
        .select_from(STAGED)
        .where(in_it, decision.in_(["approve", "reject"]))
        .group_by(TRANSFER.era_id)
        .order_by(TRANSFER.era_id)
    )
    rows = session.execute(question).all()
    return {row.era_id: row.added - row.taken for row in rows if row.added != row.taken}


def draft_effects(session: Session, network: Network) -> Effects:
    """What a proposal of the draft as it is now would change. Reads every era."""
    state = curation.seen(session)
    base = _seen(session)
    schedule = schedule_of(session, base)
    if state is not None and state.schedule_staged:
        schedule = steps_of(session, state.draft_schedule)
    return _effects(session, network, base, _overlaid(session, base, schedule, None))


def proposal_effects(session: Session, network: Network, proposal: Row[Any]) -> Effects:
    """What a proposal would change, against what readers see now. Reads every era."""
    base = _seen(session)
    return _effects(session, network, base, proposed(session, proposal, base))


def proposed(session: Session, proposal: Row[Any], base: int) -> Decisions:
    """What a proposal would have administrators decide, on top of the publication `base`."""
    schedule = steps_of(session, proposal.schedule)
    if proposal.restores is not None:
        return Decisions(schedule, approved_in(session, proposal.restores))
    return _overlaid(session, base, schedule, proposal.number)


def _overlaid(
    session: Session,
    base: int,
    schedule: Sequence[tuple[datetime, int]],
    proposal: int | None,
) -> Decisions:
    approved = approved_in(session, base)
    for era_id, moved in draft_effect(session, proposal).items():
        approved[era_id] = approved.get(era_id, 0) + moved
    return Decisions(schedule, approved)


def _effects(session: Session, network: Network, base: int, decisions: Decisions) -> Effects:
    stored = stored_supplies(session, base)
    eras = tuple(
        EraEffect(era_id, stored.get(era_id), after)
        for era_id, after in supplies_under(session, network, decisions)
    )
    return Effects(
        base=base,
        eras=eras,
        first_era=next((era.era_id for era in eras if era.before != era.after), None),
        now=eras[-1].moved if eras else 0,
        biggest=_biggest(eras),
        checks=checks_of(session, network, eras, decisions.schedule),
    )


def _biggest(eras: Sequence[EraEffect]) -> tuple[EraEffect, ...]:
    jumps = []
    before = 0
    for era in eras:
        if era.before is not None and era.moved != before:
            jumps.append((abs(era.moved - before), -era.era_id, era))
            before = era.moved
    return tuple(era for _, _, era in sorted(jumps, reverse=True)[:BIGGEST])


def _sum(condition: ColumnElement[bool]) -> motes_sum:
    return motes_sum(case((condition, TRANSFER.amount)))


def _seen(session: Session) -> int:
    return int(session.execute(select(SEEN_PUBLICATION)).scalar_one() or 0)
