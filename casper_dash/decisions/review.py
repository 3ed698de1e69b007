"""Transfers as a curator sees them: pages, counts before a decision, and what it would move."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, Select, and_, func, or_, select, union_all
from sqlmodel import Session

from casper_dash.decisions import curation
from casper_dash.decisions.selection import STAGED, Conditions, ReviewFilter, branches
from casper_dash.queries.paging import Page, paged
from casper_dash.queries.published import SEEN_PUBLICATION
from crawler.columns import motes_sum
from crawler.models.chain import KNOWN_ACCOUNT, TRANSFER
from crawler.models.decisions import APPROVAL
from crawler.models.drafts import LABEL, STAGED_DECISION, STAGING, TRANSFER_COMMENT, Staging
from crawler.models.table import table_of

Sort = Literal["height", "amount"]

SAMPLES = 10
_PLACE = (TRANSFER.height, TRANSFER.index)
_KEYS = {"height": _PLACE, "amount": (TRANSFER.amount, *_PLACE)}
_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Decided:
    """A published or staged decision: approve, reject or defer; who, when and why where known."""

    decision: str
    by: str | None
    at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ReviewedTransfer:
    """A transfer under review. `version` is what a decision on it must name, 0: nothing staged.

    `proposal`: what is staged is frozen in it. Names are those that administrators see.
    """

    height: int
    index: int
    era_id: int
    timestamp: datetime
    deploy_hash: str
    from_account_hash: str
    to_account_hash: str | None
    from_name: str | None
    to_name: str | None
    source: str
    target: str
    amount: int
    depth: int | None
    published: Decided | None
    staged: Decided | None
    version: int
    proposal: int | None
    comments: int


@dataclass(frozen=True, slots=True)
class Selected:
    """What a filter matches now: to be shown before all of it is decided at once.

    `mark`: the newest step that this has seen.
    """

    transfers: int
    amount: int
    first_era: int | None
    last_era: int | None
    samples: tuple[ReviewedTransfer, ...]
    mark: int


def page_of_transfers(
    session: Session, wanted: ReviewFilter, page: Page, sort: Sort = "height"
) -> list[ReviewedTransfer]:
    """Transfers by height and index, or by amount, behind the key `page.start`.

    Reads the indexes that `selection.branches` names; the rest of the page's rows by their keys.
    """
    key = _KEYS[sort]
    found = [
        paged(select(*key).select_from(STAGED).where(*conditions), key, page)
        for conditions in branches(session, wanted)
    ]
    if len(found) == 1:
        places = [_place(row) for row in session.execute(found[0])]
    else:
        # an index each, and of each no more than a page: an OR would be sorted as a whole
        every = union_all(*(select(each.subquery()) for each in found)).subquery()
        columns = tuple(every.c[column.name] for column in key)
        places = [_place(row) for row in session.execute(paged(select(*columns), columns, page))]
    return reviewed(session, places)


def selected(session: Session, wanted: ReviewFilter) -> Selected:
    """How many transfers a filter matches, and their sum. Reads as `page_of_transfers` does."""
    state = curation.seen(session)
    counts = [count(session, conditions) for conditions in branches(session, wanted)]
    firsts = [row.first for row in counts if row.first is not None]
    lasts = [row.last for row in counts if row.last is not None]
    return Selected(
        transfers=sum(row.transfers for row in counts),
        amount=sum(row.amount for row in counts),
        first_era=min(firsts, default=None),
        last_era=max(lasts, default=None),
        samples=tuple(page_of_transfers(session, wanted, Page(SAMPLES), "amount")),
        mark=state.last_batch if state else 0,
    )


def count(session: Session, conditions: Conditions) -> Row[Any]:
    """How many transfers a selection has, their amount, its first and last era."""
    question = select(
        func.count().label("transfers"),
        motes_sum(TRANSFER.amount).label("amount"),
        func.min(TRANSFER.era_id).label("first"),
        func.max(TRANSFER.era_id).label("last"),
    )
    return session.execute(question.select_from(STAGED).where(*conditions)).one()


def reviewed(session: Session, places: list[_Place]) -> list[ReviewedTransfer]:
    """These transfers in this order; those that are not held are left out."""
    rows = {_place(row): row for row in _all(session, _rows(), _PLACE, places)}
    approvals = {
        _place(row): row
        for row in _all(session, _approvals(), (APPROVAL.height, APPROVAL.index), places)
    }
    key = (TRANSFER_COMMENT.height, TRANSFER_COMMENT.index)
    talk = select(*key, func.count().label("comments")).group_by(*key)
    comments = {_place(row): row.comments for row in _all(session, talk, key, places)}
    held = [rows[place] for place in places if place in rows]
    names = names_of(session, {row.from_account_hash for row in held} | _receivers(held))
    return [
        _transfer(row, names, _published(approvals.get(_place(row))), comments.get(_place(row), 0))
        for row in held
    ]


def names_of(session: Session, accounts: Iterable[str]) -> dict[str, str]:
    """Account hash → the name that administrators see. Reads by key."""
    wanted = sorted(accounts)
    shown = select(KNOWN_ACCOUNT.account_hash, KNOWN_ACCOUNT.name).where(
        KNOWN_ACCOUNT.account_hash.in_(wanted), KNOWN_ACCOUNT.name.is_not(None)
    )
    names = {row.account_hash: row.name for row in session.execute(shown)}
    own = select(LABEL.account_hash, LABEL.name).where(
        LABEL.account_hash.in_(wanted), LABEL.name.is_not(None)
    )
    return names | {row.account_hash: row.name for row in session.execute(own)}


def _receivers(rows: list[Row[Any]]) -> set[str]:
    return {row.to_account_hash for row in rows if row.to_account_hash is not None}


def _rows() -> Select[Any]:
    staged = STAGED.outerjoin(table_of(Staging), STAGING.number == STAGED_DECISION.origin)
    return select(
        *_PLACE,
        *(TRANSFER.era_id, TRANSFER.timestamp, TRANSFER.deploy_hash, TRANSFER.amount),
        *(TRANSFER.from_account_hash, TRANSFER.to_account_hash, TRANSFER.depth),
        *(TRANSFER.source, TRANSFER.target),
        *(STAGED_DECISION.decision, STAGED_DECISION.version, STAGED_DECISION.proposal),
        *(STAGING.by, STAGING.at, STAGING.reason),
    ).select_from(staged)


def _approvals() -> Select[Any]:
    """Rising by publication: of several the last one is the newest."""
    return (
        select(
            *(APPROVAL.height, APPROVAL.index, APPROVAL.approved),
            *(APPROVAL.decided_by, APPROVAL.decided_at, APPROVAL.reason),
        )
        .where(APPROVAL.publication <= SEEN_PUBLICATION)
        .order_by(APPROVAL.publication)
    )


def _all(
    session: Session, question: Select[Any], key: Any, places: list[_Place]
) -> Iterable[Row[Any]]:
    """Rows of these heights and indexes; a server reads no index of a pair in a list."""
    if not places:
        return ()
    height, index = key
    wanted = [and_(height == one, index == other) for one, other in places]
    return session.execute(question.where(or_(*wanted)))


def _place(row: Row[Any]) -> _Place:
    # `index` of a row is a method of tuples
    return row.height, row._mapping["index"]


def _published(row: Row[Any] | None) -> Decided | None:
    if row is None or row.approved is None:
        return None
    decision = "approve" if row.approved else "reject"
    return Decided(decision, row.decided_by, row.decided_at, row.reason)


def _transfer(
    row: Row[Any], names: dict[str, str], published: Decided | None, comments: int
) -> ReviewedTransfer:
    staged = Decided(row.decision, row.by, row.at, row.reason) if row.decision else None
    return ReviewedTransfer(
        height=row.height,
        index=row._mapping["index"],
        era_id=row.era_id,
        timestamp=row.timestamp,
        deploy_hash=row.deploy_hash,
        from_account_hash=row.from_account_hash,
        to_account_hash=row.to_account_hash,
        from_name=names.get(row.from_account_hash),
        to_name=names.get(row.to_account_hash or ""),
        source=row.source,
        target=row.target,
        amount=row.amount,
        depth=row.depth,
        published=published,
        staged=staged,
        version=row.version or 0,
        proposal=row.proposal,
        comments=comments,
    )
