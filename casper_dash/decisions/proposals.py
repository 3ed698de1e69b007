"""Proposals: the draft, or an earlier publication to put back, on the way to being published.

One is open at a time, so that what was proposed is what is published:

    proposed ──confirm──▶ approved ──▶ working ──▶ published ──▶ rolled_back
        └──────withdraw──────┴─────────── failed (try again, or withdraw)
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlmodel import Session

from casper_dash.decisions import curation
from casper_dash.decisions.deed import Deed
from casper_dash.decisions.effects import Effects, proposal_effects
from casper_dash.decisions.errors import Change, Conflict, Refused
from crawler.database import changed_rows
from crawler.derive.carried import IMPORTED_PUBLICATION
from crawler.models.decisions import PUBLICATION
from crawler.models.drafts import PROPOSAL, STAGED_DECISION, Proposal, StagedDecision
from crawler.models.figures import DERIVE_STATE
from crawler.models.legacy import LEGACY_TRANSFER
from crawler.network import Network

_DECIDED = ("approve", "reject")


def propose(session: Session, network: Network, deed: Deed, *, needs_second: bool) -> int:
    """Freezes what is staged into a proposal; its number.

    Deferred transfers stay in the draft. Raises Refused where nothing is staged, another proposal
    is open, or a check of its effects fails.
    """
    state = _without_open(session)
    number = state.last_proposal + 1
    staged = update(StagedDecision).where(STAGED_DECISION.proposal.is_(None))
    staged = staged.where(STAGED_DECISION.decision.in_(_DECIDED))
    decisions = changed_rows(session, staged.values(proposal=number))
    if not decisions and not state.schedule_staged:
        raise Refused("nothing is staged")
    schedule = state.draft_schedule if state.schedule_staged else _schedule_of(session)
    values = {"number": number, "schedule": schedule, "decisions": decisions}
    return _open(session, network, deed, values, needs_second=needs_second)


def propose_restoring(
    session: Session, network: Network, publication: int, deed: Deed, *, needs_second: bool
) -> int:
    """Proposes to put an earlier publication's decisions and schedule back, under a new id."""
    state = _without_open(session)
    wanted = select(PUBLICATION.schedule).where(PUBLICATION.id == publication)
    schedule = session.execute(wanted).scalar()
    if schedule is None or publication >= _seen(session):
        raise Refused(f"{publication} is not an earlier publication")
    _refuse_before_import(session, publication)
    values = {"number": state.last_proposal + 1, "schedule": schedule, "decisions": 0}
    values["restores"] = publication
    return _open(session, network, deed, values, needs_second=needs_second)


def confirm(session: Session, number: int, deed: Deed) -> None:
    """A second person's word for a proposal. Raises Refused where it is the proposer's."""
    proposal = _locked(session, number, ["proposed"])
    if proposal.by_id == deed.by.id:
        raise Refused("a second person confirms a proposal, not the one who made it")
    confirmed = {"confirmed_by_id": deed.by.id, "confirmed_by": deed.by.name}
    _set(session, number, state="approved", confirmed_at=deed.at, **confirmed)
    deed.record(session, "proposal.confirm", f"proposal {number}", after={"state": "approved"})


def withdraw(session: Session, number: int, deed: Deed) -> None:
    """Gives what the proposal holds back to the draft. Not while it is being published: a worker
    that lives would say so."""
    proposal = _locked(session, number, ["proposed", "approved", "failed", "working"])
    if proposal.state == "working" and proposal.lease_until > deed.at:
        raise Conflict([Change(f"proposal {number}", "is being published: cancel it first")])
    held = update(StagedDecision).where(STAGED_DECISION.proposal == number)
    session.execute(held.values(proposal=None))
    _set(session, number, state="withdrawn", ended_at=deed.at)
    curation.change(session, open_proposal=None)
    before = {"state": proposal.state}
    deed.record(session, "proposal.withdraw", f"proposal {number}", before=before)


def cancel(session: Session, number: int, deed: Deed) -> None:
    """Asks whoever is publishing it to stop: it ends as failed, and nothing changes for readers."""
    _locked(session, number, ["working"])
    _set(session, number, cancelled_by=deed.by.name)
    deed.record(session, "proposal.cancel", f"proposal {number}")


def proposal_with(session: Session, number: int) -> Row[Any]:
    """A proposal with every column. Raises Refused where there is none."""
    row = session.execute(select(*PROPOSAL).where(PROPOSAL.number == number)).first()
    if row is None:
        raise Refused(f"there is no proposal {number}")
    return row


def newest_proposals(
    session: Session, *, before: int | None = None, limit: int = 20
) -> Sequence[Row[Any]]:
    """Proposals by falling number, those below `before` only. Reads by key."""
    question = select(*PROPOSAL).order_by(PROPOSAL.number.desc()).limit(limit)
    if before is not None:
        question = question.where(PROPOSAL.number < before)
    return session.execute(question).all()


def open_proposal(session: Session) -> Row[Any] | None:
    """The proposal on its way, if there is one."""
    state = curation.seen(session)
    if state is None or state.open_proposal is None:
        return None
    return proposal_with(session, state.open_proposal)


def _without_open(session: Session) -> Row[Any]:
    state = curation.locked(session)
    if state.open_proposal is not None:
        row = proposal_with(session, state.open_proposal)
        what = f"is {row.state}: publish or withdraw it first; proposed"
        raise Conflict([Change(f"proposal {row.number}", what, row.by, row.at)])
    return state


def _open(
    session: Session, network: Network, deed: Deed, values: dict[str, Any], *, needs_second: bool
) -> int:
    number: int = values["number"]
    state = "proposed" if needs_second else "approved"
    values |= {"state": state, "base": _seen(session), "done": 0, "total": 0}
    session.execute(insert(Proposal).values(**values, **deed.columns))
    curation.change(session, last_proposal=number, open_proposal=number)
    effects = proposal_effects(session, network, proposal_with(session, number))
    _refuse_blocked(effects)
    after = {
        "decisions": values["decisions"],
        "schedule": values["schedule"],
        "restores": values.get("restores"),
        "circulating_moves": str(effects.now),
        "first_era": effects.first_era,
    }
    deed.record(session, "proposal.make", f"proposal {number}", after=after)
    return number


def _refuse_blocked(effects: Effects) -> None:
    if effects.blocking:
        failed = effects.blocking[0]
        raise Refused(f"{failed.name}: {failed.detail}")


def _refuse_before_import(session: Session, publication: int) -> None:
    """Older rows that still wait for the crawl bring their approvals to the import's publication:
    under a state of before it, they would count although it has them not."""
    waiting = select(func.count()).where(LEGACY_TRANSFER.approved)
    if publication < IMPORTED_PUBLICATION and session.execute(waiting).scalar():
        raise Refused("imported approvals still wait for their blocks: only later states come back")


def _locked(session: Session, number: int, states: Sequence[str]) -> Row[Any]:
    curation.locked(session)
    row = proposal_with(session, number)
    if row.state not in states:
        raise Conflict([Change(f"proposal {number}", f"is {row.state} now")])
    return row


def _set(session: Session, number: int, **values: Any) -> None:
    session.execute(update(Proposal).where(PROPOSAL.number == number).values(**values))


def _seen(session: Session) -> int:
    return int(session.execute(select(DERIVE_STATE.publication)).scalar_one())


def _schedule_of(session: Session) -> int:
    question = select(PUBLICATION.schedule).where(PUBLICATION.id == _seen(session))
    return int(session.execute(question).scalar_one())
