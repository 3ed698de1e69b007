"""What is staged, and what was published before: for the page that publishes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlmodel import Session

from casper_dash.queries.published import SEEN_PUBLICATION
from crawler.models.decisions import PUBLICATION, Publication
from crawler.models.drafts import CURATION, PROPOSAL, STAGED_DECISION, Curation, Proposal
from crawler.models.figures import ERA
from crawler.models.table import table_of


def marks(session: Session) -> tuple[int | None, ...]:
    """What changes whenever the effects of what is staged or proposed may have changed.

    The publication that readers see, the newest era, and where curators are. Reads by key.
    """
    seen = session.execute(select(SEEN_PUBLICATION)).scalar()
    newest = session.execute(select(func.max(ERA.id))).scalar()
    state = session.execute(
        select(
            *(CURATION.last_batch, CURATION.last_proposal, CURATION.open_proposal),
            *(CURATION.draft_schedule, CURATION.schedule_staged),
        ).select_from(table_of(Curation))
    ).first()
    return seen, newest, *(state or (None,) * 5)


def staged_counts(session: Session) -> dict[str, int]:
    """Decision → transfers for which it waits in the draft. Reads ix_staged_proposal."""
    question = select(STAGED_DECISION.decision, func.count().label("transfers")).where(
        STAGED_DECISION.proposal.is_(None)
    )
    found = session.execute(question.group_by(STAGED_DECISION.decision))
    return {row.decision: row.transfers for row in found}


def published_before(
    session: Session, *, before: int | None = None, limit: int = 20
) -> Sequence[Row[Any]]:
    """Publications by falling id, the seen one first, with the decisions of their proposal and its
    state: null for what an import or the system published. Reads by key."""
    proposal = table_of(Proposal)
    of = and_(
        PROPOSAL.publication == PUBLICATION.id,
        PROPOSAL.state.in_(["published", "rolled_back"]),
    )
    question = (
        select(
            *(PUBLICATION.id, PUBLICATION.published_at, PUBLICATION.published_by),
            *(PUBLICATION.confirmed_by, PUBLICATION.note, PUBLICATION.restores),
            *(PROPOSAL.decisions, PROPOSAL.state),
        )
        .select_from(table_of(Publication).outerjoin(proposal, of))
        .where(PUBLICATION.id <= SEEN_PUBLICATION)
    )
    if before is not None:
        question = question.where(PUBLICATION.id < before)
    return session.execute(question.order_by(PUBLICATION.id.desc()).limit(limit)).all()
