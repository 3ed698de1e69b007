"""What every change carries: who makes it, when and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from casper_dash.audit import Actor, record
from casper_dash.decisions.words import reason_of


@dataclass(frozen=True, slots=True)
class Deed:
    """`reason` is kept without white space around it. Raises Refused where it does not fit."""

    by: Actor
    at: datetime
    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", reason_of(self.reason))

    @property
    def columns(self) -> dict[str, Any]:
        """The values of the columns that say who made a row."""
        return {
            "by_id": self.by.id,
            "by": self.by.name,
            "at": self.at,
            "reason": self.reason,
        }

    def record(
        self, session: Session, action: str, object: str, *, before: Any = None, after: Any = None
    ) -> None:
        """Appends it to the audit, in the transaction of what was done."""
        record(session, self.by, action, object, before=before, after=after, reason=self.reason)
