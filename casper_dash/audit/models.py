"""The tables of the audit."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.dialects.mysql import MEDIUMTEXT

from crawler.columns import Height, Hex, UtcTime
from crawler.models.table import TEXT, Base, column, key, optional, table_of

_LONG = Text().with_variant(MEDIUMTEXT(), "mysql")
"""Text() alone would end at 64 KiB there."""


class AuditEntry(Base, table=True):
    """What somebody did, never changed and never deleted.

    `digest` is over everything else in the row and the predecessor's digest.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (  # each for the filter of its name, newest first
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_actor", "actor_id", "number"),
        Index("ix_audit_entry_action", "action", "number"),
        Index("ix_audit_entry_object", "object", "number"),
        TEXT,
    )

    number: int = key(Height)
    at: datetime = column(UtcTime)
    actor_id: str = column(String(32))
    actor_name: str = column(String(100))
    address: str = column(String(45))
    action: str = column(String(60))
    object: str = column(String(200))
    before: str | None = optional(_LONG)
    after: str | None = optional(_LONG)
    reason: str = column(String(1000))
    digest: str = column(Hex(32))


class AuditHead(Base, table=True):
    """The one row that says where the chain ends. Who appends to it holds its lock."""

    __tablename__ = "audit_head"

    id: int = key(Height)
    number: int = column(Height)
    digest: str = column(Hex(32))


AUDIT_ENTRY = table_of(AuditEntry).c
AUDIT_HEAD = table_of(AuditHead).c
