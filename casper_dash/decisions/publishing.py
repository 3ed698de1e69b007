"""Publishes a proposal: its rows are written in batches, unseen, then one transaction shows them.

Killed at any moment, the publication that readers see stays as it is, and the proposal can be
published again once its lease has run out. What was left behind is removed first.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from secrets import token_hex
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine, Row, func, select, update
from sqlmodel import Session

from casper_dash.audit import Actor, record
from casper_dash.decisions import curation
from casper_dash.decisions.errors import Change, Conflict, DecisionError, Refused
from casper_dash.decisions.proposals import proposal_with
from casper_dash.decisions.showing import show
from casper_dash.decisions.steps import steps_of
from casper_dash.decisions.unseen import BATCH, forget_unseen, write_decisions
from crawler.database import changed_rows, read_session, transact
from crawler.derive.supply import Decisions, approved_in, store_supplies, supplies_under
from crawler.models.decisions import PUBLICATION, REASON_CHARACTERS
from crawler.models.drafts import PROPOSAL, Proposal
from crawler.models.figures import DERIVE_STATE, ERA
from crawler.network import Network

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=1)
Result = TypeVar("Result")
Progress = Callable[[int, int], None]
"""Told rows written and rows in all, after each batch."""


class Cancelled(DecisionError):
    """Somebody asked for the publication to stop; it is as if it had not begun."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def publish(  # noqa: PLR0913 (clock and progress are the caller's to leave out)
    engine: Engine,
    network: Network,
    number: int,
    by: Actor,
    *,
    clock: Callable[[], datetime] = now,
    progress: Progress = lambda done, total: None,
) -> int:
    """Publishes an approved (or failed) proposal; the publication's id.

    Raises Conflict where somebody else publishes it, Refused where a second person has to confirm
    it first, Cancelled, or what went wrong: it is `failed` then, and readers see what they saw.
    """
    work = _Work(engine, number, clock, progress)
    work.claim(by)
    try:
        work.write(network)
        publication = transact(engine, partial(work.show, network=network, by=by))
    except Exception as error:
        work.fail(error)
        raise
    log.info("published", proposal=number, publication=publication)
    return publication


class _Work:
    """One attempt. Each of its transactions proves first that nobody took it over."""

    def __init__(
        self, engine: Engine, number: int, clock: Callable[[], datetime], progress: Progress
    ) -> None:
        self._engine = engine
        self._number = number
        self._clock = clock
        self._progress = progress
        self._worker = token_hex(16)
        self._done = 0
        self._total = 0

    def claim(self, by: Actor) -> None:
        """Takes the proposal and gives it its id. Raises Conflict or Refused."""

        def change(session: Session) -> None:
            curation.locked(session)
            proposal = proposal_with(session, self._number)
            self._refuse(proposal)
            seen = session.execute(select(DERIVE_STATE.publication)).scalar_one()
            newest = session.execute(select(func.max(PUBLICATION.id))).scalar() or 0
            self._set(
                session,
                state="working",
                publication=max(seen, newest) + 1,
                worker=self._worker,
                lease_until=self._clock() + LEASE,
                done=0,
                total=0,
                cancelled_by=None,
                error=None,
            )
            record(session, by, "proposal.publish", f"proposal {self._number}")

        transact(self._engine, change)

    def write(self, network: Network) -> None:
        """Writes decisions and supplies of the new publication, which nobody sees yet."""
        for part in forget_unseen(self._engine):
            self._batch(part)
        proposal = self._read(partial(proposal_with, number=self._number))
        eras = self._read(lambda session: session.execute(select(func.count(ERA.id))).scalar_one())
        self._total = proposal.decisions + eras
        for rows in write_decisions(self._engine, proposal):
            self._batch(rows)
        found = iter(self._read(partial(_supplies, network=network, proposal=proposal)))
        while some := list(islice(found, BATCH)):
            self._batch(partial(_store, publication=proposal.publication, found=some))

    def show(self, session: Session, network: Network, by: Actor) -> int:
        """The one transaction after which readers see it."""
        # the derive lock first, as everybody who takes both does
        state = session.execute(select(DERIVE_STATE.publication).with_for_update()).one()
        curation.locked(session)
        self._prove(session)
        proposal = proposal_with(session, self._number)
        if state.publication != proposal.base:
            raise Refused(f"readers see publication {state.publication} now: propose it again")
        show(session, network, proposal, self._clock(), by)
        return int(proposal.publication)

    def fail(self, error: Exception) -> None:
        """Notes why it failed, unless somebody has taken it over."""
        reason = str(error) if isinstance(error, DecisionError) else type(error).__name__

        def change(session: Session) -> None:
            ended = {"ended_at": self._clock(), "error": reason[:REASON_CHARACTERS]}
            self._mine(session, state="failed", **ended)

        transact(self._engine, change)
        log.warning("publication failed", proposal=self._number, reason=reason)

    def _batch(self, write: Callable[[Session], int]) -> None:
        def change(session: Session) -> int:
            self._prove(session)
            return write(session)

        self._done += transact(self._engine, change)
        self._progress(self._done, self._total)

    def _prove(self, session: Session) -> None:
        """Keeps the lease. Raises Conflict where another took over, or Cancelled."""
        lease = self._clock() + LEASE
        if not self._mine(session, lease_until=lease, done=self._done, total=self._total):
            raise Conflict([Change(f"proposal {self._number}", "was taken over by another worker")])
        cancelled = proposal_with(session, self._number).cancelled_by
        if cancelled is not None:
            raise Cancelled(f"cancelled by {cancelled}")

    def _mine(self, session: Session, **values: Any) -> bool:
        mine = update(Proposal).where(PROPOSAL.number == self._number)
        mine = mine.where(PROPOSAL.worker == self._worker, PROPOSAL.state == "working")
        return changed_rows(session, mine.values(**values)) > 0

    def _set(self, session: Session, **values: Any) -> None:
        session.execute(update(Proposal).where(PROPOSAL.number == self._number).values(**values))

    def _refuse(self, proposal: Row[Any]) -> None:
        if proposal.state == "proposed":
            raise Refused("a second person has to confirm the proposal first")
        alive = proposal.lease_until is not None and proposal.lease_until > self._clock()
        if proposal.state == "working" and alive:
            raise Conflict([Change(f"proposal {self._number}", "is being published")])
        if proposal.state not in ("approved", "failed", "working"):
            raise Conflict([Change(f"proposal {self._number}", f"is {proposal.state} now")])

    def _read(self, question: Callable[[Session], Result]) -> Result:
        with read_session(self._engine) as session:
            return question(session)


def _supplies(session: Session, network: Network, proposal: Row[Any]) -> list[Any]:
    """Every era's supply as the new publication's rows, written by now, have it."""
    approved = approved_in(session, proposal.publication)
    decisions = Decisions(steps_of(session, proposal.schedule), approved)
    return list(supplies_under(session, network, decisions))


def _store(session: Session, publication: int, found: list[Any]) -> int:
    store_supplies(session, publication, found)
    return len(found)
