"""Publishing in the background of this process, and effects that are worked out once for all.

How far a publication is stands in the database: any page of any process shows it, and can cancel
it. If this process ends, readers keep what they see, and the proposal can be published again.
"""

import time
from dataclasses import dataclass
from threading import Lock, Thread

import structlog
from sqlmodel import Session

from casper_dash.admin.database import engine
from casper_dash.admin.deciding import network
from casper_dash.audit import Actor
from casper_dash.decisions.effects import Effects, draft_effects, proposal_effects
from casper_dash.decisions.errors import DecisionError
from casper_dash.decisions.proposals import open_proposal
from casper_dash.decisions.publishing import publish
from casper_dash.queries.operation.publish import marks, staged_counts

log = structlog.get_logger(__name__)

_KEPT_S = 60


def begin(number: int, by: Actor) -> None:
    """Has a proposal published; returns at once."""
    # a daemon: the server may end at any moment, and need not wait for it
    Thread(target=_publish, args=(number, by), name=f"publish-{number}", daemon=True).start()


def _publish(number: int, by: Actor) -> None:
    try:
        publish(engine(), network(), number, by)
    except DecisionError as error:
        log.info("publication not made", proposal=number, reason=str(error))
    except Exception:
        log.exception("publication broke off", proposal=number)


@dataclass(frozen=True)
class Standing:
    """What the open proposal, else the draft, would change; and what is staged, by decision."""

    effects: Effects
    counts: dict[str, int]


class _Newest:
    """What was asked for last: every era goes into it, and pages ask every two seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._marks: tuple[int | None, ...] = ()
        self._standing: Standing | None = None

    def of(self, session: Session) -> Standing:
        # by the minute besides: eras may be worked out anew without a mark
        found = (*marks(session), int(time.monotonic() // _KEPT_S))
        with self._lock:
            if self._standing is None or found != self._marks:
                standing = Standing(_effects(session), staged_counts(session))
                self._standing, self._marks = standing, found
            return self._standing


_newest = _Newest()


def standing(session: Session) -> Standing:
    """From memory while nothing has changed."""
    return _newest.of(session)


def _effects(session: Session) -> Effects:
    proposal = open_proposal(session)
    if proposal is None:
        return draft_effects(session, network())
    return proposal_effects(session, network(), proposal)
