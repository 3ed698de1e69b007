"""What others did to transfers meanwhile: found, told, and never overwritten."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, select
from sqlmodel import Session

from casper_dash.decisions.errors import Change, Conflict
from casper_dash.decisions.selection import STAGED, Conditions
from crawler.models.chain import TRANSFER
from crawler.models.decisions import APPROVAL, PUBLICATION, Publication
from crawler.models.drafts import (
    STAGED_CHANGE,
    STAGED_DECISION,
    STAGING,
    StagedChange,
    Staging,
)
from crawler.models.figures import DERIVE_STATE
from crawler.models.table import table_of

Place = tuple[int, int]


def refuse_changed(session: Session, places: Sequence[Place]) -> None:
    """Raises Conflict, with who changed these transfers and when; nothing where there are none."""
    if places:
        shown = sorted(places)[: Conflict.SHOWN]
        raise Conflict([_last_change(session, place) for place in shown], len(places))


def transfers_changed(session: Session, conditions: Conditions, *, since: int) -> list[Place]:
    """Transfers of a selection that a step after `since` changed, or that a proposal holds.

    Reads staged_change by key from `since` on, and ix_staged_proposal.
    """
    changed = table_of(StagedChange)
    same = and_(changed.c.height == TRANSFER.height, changed.c.index == TRANSFER.index)
    key = (TRANSFER.height, TRANSFER.index)
    later = (
        select(*key)
        .select_from(STAGED.join(changed, same))
        .where(changed.c.batch > since, *conditions)
    )
    frozen = (
        select(*key).select_from(STAGED).where(STAGED_DECISION.proposal.is_not(None), *conditions)
    )
    return sorted(
        {_place(row) for question in (later, frozen) for row in session.execute(question)}
    )


def _last_change(session: Session, place: Place) -> Change:
    height, index = place
    name = f"transfer {height}/{index}"
    frozen = session.execute(
        select(STAGED_DECISION.proposal).where(
            STAGED_DECISION.height == height, STAGED_DECISION.index == index
        )
    ).scalar()
    step = session.execute(
        select(STAGED_CHANGE.decision, STAGED_CHANGE.batch, STAGING.by, STAGING.at)
        .join(Staging, STAGING.number == STAGED_CHANGE.batch)
        .where(STAGED_CHANGE.height == height, STAGED_CHANGE.index == index)
        .order_by(STAGED_CHANGE.batch.desc())
        .limit(1)
    ).first()
    if frozen is not None:
        return Change(name, f"is in proposal {frozen}", *_who(step))
    published = _published(session, place)
    if published is not None and (step is None or published.published_at >= step.at):
        what = f"was published with publication {published.id}"
        return Change(name, what, published.published_by, published.published_at)
    if step is None:
        return Change(name, "has nothing staged")
    return Change(name, f"{_DONE[step.decision]} in step {step.batch}", *_who(step))


_DONE = {
    "approve": "was approved",
    "reject": "was rejected",
    "defer": "was deferred",
    "withdraw": "was withdrawn",
}


def _who(step: Row[Any] | None) -> tuple[Any, Any]:
    return (None, None) if step is None else (step.by, step.at)


def _published(session: Session, place: Place) -> Row[Any] | None:
    seen = select(DERIVE_STATE.publication).scalar_subquery()
    question = (
        select(PUBLICATION.id, PUBLICATION.published_at, PUBLICATION.published_by)
        .join_from(
            table_of(Publication), APPROVAL.height.table, PUBLICATION.id == APPROVAL.publication
        )
        .where(APPROVAL.height == place[0], APPROVAL.index == place[1])
        .where(PUBLICATION.id <= seen)
        .order_by(PUBLICATION.id.desc())
        .limit(1)
    )
    return session.execute(question).first()


def _place(row: Row[Any]) -> Place:
    # `index` of a row is a method of tuples
    return row.height, row._mapping["index"]
