"""The table of letters."""

from datetime import datetime

from sqlalchemy import Index, String, Text

from crawler.columns import UtcTime
from crawler.models.table import TEXT, Base, column, key, optional, table_of


class Mail(Base, table=True):
    """A letter that is to be sent, was sent, or was given up."""

    __table_args__ = (
        Index("ix_mail_due", "state", "next_at"),
        Index("ix_mail_created", "created_at", "id"),  # the newest, and what is old
        TEXT,
    )

    id: str = key(String(22))
    recipient: str = column(String(254))
    subject: str = column(String(200))
    body: str | None = optional(Text())
    """Text and HTML, sealed: it can hold a link that lets somebody in. Null once sent."""
    state: str = column(String(7))
    """waiting, sent, failed or expired."""
    created_at: datetime = column(UtcTime)
    expires_at: datetime = column(UtcTime)
    """Then it is not sent any more, and its body goes."""
    next_at: datetime = column(UtcTime)
    attempts: int = 0
    error: str | None = optional(String(200))
    sent_at: datetime | None = optional(UtcTime)


MAIL = table_of(Mail).c
