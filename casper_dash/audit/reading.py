"""Entries of the audit by what is looked for, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, or_, select
from sqlmodel import Session

from casper_dash.audit.models import AUDIT_ENTRY, AuditEntry
from crawler.models.table import table_of


@dataclass(frozen=True)
class Wanted:
    """A filter; empty fields ask for nothing. `actor` is an id, `object` a beginning.

    `since` is in, `until` is not. `text` is looked for anywhere, in names, objects, reasons and
    values.
    """

    actor: str = ""
    action: str = ""
    object: str = ""
    address: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One entry; `before` and `after` are JSON, None where there is nothing to tell."""

    number: int
    at: datetime
    actor_id: str
    actor_name: str
    address: str
    action: str
    object: str
    before: str | None
    after: str | None
    reason: str
    digest: str


def entries(
    session: Session, wanted: Wanted, *, before: int | None = None, limit: int = 100
) -> list[Entry]:
    """By falling number, those below `before` only: give the last one's number for the next page.

    Reads the index of the filter; `text` and `address` alone read back from the newest.
    """
    conditions = _conditions(wanted)
    if before is not None:
        conditions.append(AUDIT_ENTRY.number < before)
    question = select(table_of(AuditEntry)).where(*conditions)
    rows = session.execute(question.order_by(AUDIT_ENTRY.number.desc()).limit(limit))
    return [_entry(row) for row in rows]


def actions(session: Session) -> list[str]:
    """Every action that was ever recorded, in order. Reads ix_audit_entry_action."""
    question = select(AUDIT_ENTRY.action).distinct().order_by(AUDIT_ENTRY.action)
    return list(session.execute(question).scalars())


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [
        column == value
        for column, value in (
            (AUDIT_ENTRY.actor_id, wanted.actor),
            (AUDIT_ENTRY.action, wanted.action),
            (AUDIT_ENTRY.address, wanted.address),
        )
        if value
    ]
    if wanted.object:
        conditions.append(AUDIT_ENTRY.object.startswith(wanted.object, autoescape=True))
    if wanted.since is not None:
        conditions.append(AUDIT_ENTRY.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AUDIT_ENTRY.at < wanted.until)
    if wanted.text:
        conditions.append(_anywhere(wanted.text))
    return conditions


def _anywhere(text: str) -> ColumnElement[bool]:
    names = ("actor_name", "action", "object", "reason", "before", "after")
    return or_(*(AUDIT_ENTRY[name].icontains(text, autoescape=True) for name in names))


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    return Entry(**row._mapping)
