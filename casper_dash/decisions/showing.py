"""The one transaction after which readers see a publication."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlmodel import Session

from casper_dash.audit import Actor, record
from casper_dash.decisions import curation
from casper_dash.decisions.steps import steps_of
from crawler.derive.supply import store_supplies, stored_supplies, supplies
from crawler.models.decisions import UNLOCK, Publication, Unlock
from crawler.models.drafts import PROPOSAL, STAGED_DECISION, Proposal, StagedDecision
from crawler.models.figures import ERA_SUPPLY, DeriveState, EraSupply
from crawler.network import Network


def show(session: Session, network: Network, proposal: Row[Any], at: datetime, by: Actor) -> None:
    """Moves what readers see to the proposal's publication.

    The caller holds the derive lock and the curators'. Eras that were worked out, or changed,
    while its rows were written are brought up to date first.
    """
    publication: int = proposal.publication
    _publish_schedule(session, proposal.schedule)
    session.execute(
        insert(Publication).values(
            id=publication,
            published_at=at,
            schedule=proposal.schedule,
            note=proposal.reason,
            published_by=proposal.by,
            confirmed_by=proposal.confirmed_by,
            restores=proposal.restores,
        )
    )
    _bring_up(session, network, publication)
    session.execute(update(DeriveState).values(publication=publication))
    _end(session, proposal, at)
    before, after = {"publication": proposal.base}, {"publication": publication}
    record(
        *(session, by, "proposal.published", f"proposal {proposal.number}"),
        before=before,
        after=after,
        reason=proposal.reason,
    )


def _publish_schedule(session: Session, number: int) -> None:
    held = select(UNLOCK.schedule).where(UNLOCK.schedule == number).limit(1)
    if session.execute(held).first() is not None:
        return
    steps = [
        {"schedule": number, "date": date, "amount": amount}
        for date, amount in steps_of(session, number)
    ]
    if steps:
        session.execute(insert(Unlock), steps)


def _bring_up(session: Session, network: Network, publication: int) -> None:
    written = stored_supplies(session, publication)
    late = [
        (era_id, supply)
        for era_id, supply in supplies(session, network, publication, 0)
        if written.pop(era_id, None) != supply
    ]
    store_supplies(session, publication, late)
    if written:
        # eras whose blocks were taken back meanwhile
        gone = ERA_SUPPLY.publication == publication
        session.execute(delete(EraSupply).where(gone, ERA_SUPPLY.era_id.in_(sorted(written))))


def _end(session: Session, proposal: Row[Any], at: datetime) -> None:
    if proposal.restores is not None:
        passed = update(Proposal).where(PROPOSAL.state == "published")
        passed = passed.where(PROPOSAL.publication > proposal.restores)
        session.execute(passed.values(state="rolled_back"))
    session.execute(delete(StagedDecision).where(STAGED_DECISION.proposal == proposal.number))
    ended = update(Proposal).where(PROPOSAL.number == proposal.number)
    session.execute(ended.values(state="published", ended_at=at, worker=None, lease_until=None))
    state = curation.locked(session)
    curation.change(session, open_proposal=None)
    if state.schedule_staged and state.draft_schedule == proposal.schedule:
        curation.change(session, draft_schedule=None, schedule_staged=False)
