"""Rows of a publication that nobody sees yet: written, and removed, some thousand at a time."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Engine, Row, Select, and_, delete, insert, or_, select
from sqlmodel import Session

from crawler.database import read_session
from crawler.models.decisions import APPROVAL, Approval
from crawler.models.drafts import STAGED_DECISION, STAGING, Staging
from crawler.models.figures import DERIVE_STATE, ERA_SUPPLY, EraSupply

BATCH = 2000
Write = Callable[[Session], int]
"""Writes one batch in the session's transaction; how many of the proposal's rows those are."""
_SEEN = select(DERIVE_STATE.publication).scalar_subquery()
_Place = tuple[int, int]


def write_decisions(engine: Engine, proposal: Row[Any]) -> Iterator[Write]:
    """Batches that write a proposal's approvals: the staged ones, or those to put back."""
    after: _Place | None = None
    read = _staged if proposal.restores is None else _restored
    while True:
        with read_session(engine) as session:
            rows, last = read(session, proposal, after)
        if last is None:
            return
        yield partial(_insert, rows=rows)
        after = last


def forget_unseen(engine: Engine) -> Iterator[Write]:
    """Batches that remove what an earlier attempt left behind of publications nobody saw."""
    kinds: list[tuple[Any, Any, Any]] = [
        (Approval, APPROVAL, APPROVAL.height),
        (EraSupply, ERA_SUPPLY, ERA_SUPPLY.era_id),
    ]
    for model, columns, key in kinds:
        while True:
            left = select(columns.publication, key.label("key")).where(columns.publication > _SEEN)
            with read_session(engine) as session:
                rows = session.execute(left.limit(BATCH)).all()
            if not rows:
                break
            yield partial(_delete, model=model, columns=columns, key=key, rows=rows)


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    if rows:
        session.execute(insert(Approval), rows)
    return len(rows)


def _delete(session: Session, model: Any, columns: Any, key: Any, rows: Sequence[Row[Any]]) -> int:
    for publication in {row.publication for row in rows}:
        keys = sorted({row.key for row in rows if row.publication == publication})
        one = delete(model).where(columns.publication == publication, columns.publication > _SEEN)
        session.execute(one.where(key.in_(keys)))
    return 0


def _staged(
    session: Session, proposal: Row[Any], after: _Place | None
) -> tuple[list[dict[str, Any]], _Place | None]:
    """Rows to write behind a place, and the last place. Reads ix_staged_proposal."""
    key = (STAGED_DECISION.height, STAGED_DECISION.index)
    question = (
        select(
            *key,
            *(STAGED_DECISION.era_id, STAGED_DECISION.decision),
            *(STAGING.by, STAGING.at, STAGING.reason),
        )
        .join(Staging, STAGING.number == STAGED_DECISION.origin)
        .where(STAGED_DECISION.proposal == proposal.number)
    )
    rows = session.execute(_behind(question, key, after).limit(BATCH)).all()
    found = [
        {
            **_place_of(row),
            "publication": proposal.publication,
            "era_id": row.era_id,
            "approved": row.decision == "approve",
            "decided_by": row.by,
            "decided_at": row.at,
            "reason": row.reason,
        }
        for row in rows
    ]
    return found, _last(rows)


def _restored(
    session: Session, proposal: Row[Any], after: _Place | None
) -> tuple[list[dict[str, Any]], _Place | None]:
    """For each transfer decided since, what the restored publication said of it, if anything."""
    key = (APPROVAL.height, APPROVAL.index)
    since = and_(APPROVAL.publication > proposal.restores, APPROVAL.publication <= proposal.base)
    changed = select(*key).where(since).distinct()
    places = session.execute(_behind(changed, key, after).limit(BATCH)).all()
    if not places:
        return [], None
    heights = sorted({place.height for place in places})
    rows = session.execute(
        select(*APPROVAL)
        .where(APPROVAL.height.in_(heights), APPROVAL.publication <= proposal.base)
        .order_by(APPROVAL.publication)
    ).all()
    then = {_key(row): row for row in rows if row.publication <= proposal.restores}
    latest = {_key(row): row for row in rows}
    found = [_as_then(latest[place], then.get(place), proposal) for place in map(_key, places)]
    return found, _last(places)


def _as_then(latest: Row[Any], then: Row[Any] | None, proposal: Row[Any]) -> dict[str, Any]:
    names = ("approved", "decided_by", "decided_at", "reason")
    return {
        **_place_of(latest),
        "publication": proposal.publication,
        "era_id": latest.era_id,
        **{name: None if then is None else getattr(then, name) for name in names},
    }


def _behind(question: Select[Any], key: tuple[Any, Any], after: _Place | None) -> Select[Any]:
    height, index = key
    if after is not None:
        further = or_(height > after[0], index > after[1])
        question = question.where(height >= after[0], further)
    return question.order_by(height, index)


def _last(rows: Sequence[Row[Any]]) -> _Place | None:
    return _key(rows[-1]) if rows else None


def _key(row: Row[Any]) -> _Place:
    # `index` of a row is a method of tuples
    return row.height, row._mapping["index"]


def _place_of(row: Row[Any]) -> dict[str, Any]:
    height, index = _key(row)
    return {"height": height, "index": index}
