"""Why a curator's wish is not carried out. Nothing was changed then.

DecisionError     the message is one line for whoever asked
  Refused         it is wrong in itself                          → correct it
  Conflict        somebody else changed it since it was looked at → look again, decide again
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody else did to an `object` (such as "transfer 17/3"), and when.

    `by` is a display name; it and `at` are None where the object itself has gone.
    """

    object: str
    what: str
    by: str | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        who = f" by {self.by}" if self.by else ""
        when = f" at {self.at:%Y-%m-%d %H:%M:%S} UTC" if self.at else ""
        return f"{self.object}: {self.what}{who}{when}"


class DecisionError(Exception):
    """A wish that cannot be carried out."""


class Refused(DecisionError):
    """The wish is wrong in itself."""


class Conflict(DecisionError):
    """Others were faster; `changes` names at most SHOWN of `count`."""

    SHOWN = 20

    def __init__(self, changes: Sequence[Change], count: int | None = None) -> None:
        self.changes = tuple(changes[: self.SHOWN])
        self.count = len(changes) if count is None else count
        more = f", and {self.count - 1} more" if self.count > 1 else ""
        super().__init__(f"{self.changes[0]}{more}")
