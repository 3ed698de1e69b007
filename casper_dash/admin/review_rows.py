"""What the review page shows, as text. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from casper_dash.admin.state import Mistake
from casper_dash.admin.words import iso, passed
from casper_dash.decisions.errors import Change
from casper_dash.decisions.review import ReviewedTransfer

Place = tuple[int, int]

DECISIONS = {"approve": "Approve", "reject": "Reject", "defer": "Defer", "withdraw": "Withdraw"}
_STAGED = {"approve": ("approval staged", "info"), "reject": ("rejection staged", "info")}
_PUBLISHED = {"approve": ("approved", "ok"), "reject": ("rejected", "error")}
_UNDO_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class TransferRow:
    """A transfer under review; its sides as name and hash, its amount in motes."""

    key: str = ""
    """Height and index: "17/3"."""
    era: int = 0
    at: str = ""
    from_name: str = ""
    from_hash: str = ""
    to_name: str = ""
    to_hash: str = ""
    amount: str = "0"
    hop: str = ""
    status: str = ""
    tone: str = "plain"
    frozen: bool = False
    """In a proposal: nobody decides on it now."""
    by: str = ""
    reason: str = ""
    comments: int = 0


@dataclass(frozen=True)
class StepRow:
    """A step that somebody took."""

    number: int = 0
    words: str = ""
    by: str = ""
    at: str = ""
    reason: str = ""
    undoable: bool = False


@dataclass(frozen=True)
class Asked:
    """A decision that waits for its reason; `decision` is "" while none does. Sums in motes."""

    decision: str = ""
    verb: str = ""
    transfers: int = 0
    amount: str = "0"
    eras: str = ""
    moves: str = "0"
    circulating: str = "0"
    """Motes now, for the share; "0" where it is not known."""
    samples: list[TransferRow] | None = None


@dataclass(frozen=True)
class Clash:
    """What others changed of what is picked; `words` is "" while they changed nothing."""

    words: str = ""
    changes: list[str] | None = None


def transfer_row(row: ReviewedTransfer) -> TransferRow:
    """What is staged goes before what is published."""
    shown = row.staged or row.published
    status, tone = _status(row)
    return TransferRow(
        key=f"{row.height}/{row.index}",
        era=row.era_id,
        at=iso(row.timestamp),
        from_name=row.from_name or "",
        from_hash=row.from_account_hash,
        to_name=row.to_name or "",
        to_hash=row.to_account_hash or "",
        amount=str(row.amount),
        hop="–" if row.depth is None else str(row.depth),
        status=status,
        tone=tone,
        frozen=row.proposal is not None,
        by=(shown.by or "") if shown else "",
        reason=(shown.reason or "") if shown else "",
        comments=row.comments,
    )


def _status(row: ReviewedTransfer) -> tuple[str, str]:
    if row.staged is None:
        if row.published is None:
            return "undecided", "plain"
        return _PUBLISHED[row.published.decision]
    if row.proposal is not None:
        return f"{row.staged.decision} in proposal {row.proposal}", "info"
    return _STAGED.get(row.staged.decision, ("deferred", "warn"))


def place_of(key: Any) -> Place:
    """Height and index of a row's key. Raises Mistake for what is none."""
    parts = key.split("/") if isinstance(key, str) and len(key) <= 40 else []
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise Mistake("There is no such transfer.")
    height, index = int(parts[0]), int(parts[1])
    if height >= 2**63 or index >= 2**31:
        raise Mistake("There is no such transfer.")
    return height, index


def counted(number: int, noun: str = "transfer") -> str:
    """1 transfer, 14 transfers."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def eras_between(first: int | None, last: int | None) -> str:
    """Era 7, eras 7 to 9; "" for none."""
    if first is None or last is None:
        return ""
    return f"era {first}" if first == last else f"eras {first} to {last}"


def step_rows(steps: Sequence[Any]) -> list[StepRow]:
    """Steps as they come; one that was undone is not undone again."""
    undone = {step.undoes for step in steps if step.undoes is not None}
    return [
        StepRow(
            number=step.number,
            words=step_words(step.decision, step.transfers, step.undoes),
            by=step.by,
            at=iso(step.at),
            reason=step.reason,
            undoable=step.number not in undone,
        )
        for step in steps
    ]


def step_words(decision: str, transfers: int, undoes: int | None) -> str:
    """Approve 14 transfers; Undo step 12."""
    if undoes is not None:
        return f"Undo step {undoes}"
    return f"{DECISIONS.get(decision, decision)} {counted(transfers)}"


def newest_undoable(steps: Sequence[Any], by_id: str, now: datetime) -> int:
    """The number of somebody's own newest step of the last day that is not undone; 0: none."""
    undone = {step.undoes for step in steps if step.undoes is not None}
    for step in steps:
        own = step.by_id == by_id and now - step.at < _UNDO_WITHIN
        if own and step.undoes is None and step.number not in undone:
            return int(step.number)
    return 0


def clash_of(changes: Sequence[Change], count: int, now: datetime) -> Clash:
    """Bo changed 2 of these 40 s ago. `changes` are the first of `count`."""
    if not changes:
        return Clash()
    newest = max((change.at for change in changes if change.at), default=None)
    names = sorted({change.by for change in changes if change.by})
    who = " and ".join(names) or "Somebody"
    when = f" {passed(newest, now)} ago" if newest else ""
    return Clash(f"{who} changed {count} of these{when}.", [str(change) for change in changes])
