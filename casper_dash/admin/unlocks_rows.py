"""What the page of the unlock schedule shows, as text: steps, sums, differences. Pure."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from casper_dash.admin.publish_rows import signed_cspr
from casper_dash.admin.words import iso
from casper_dash.decisions.schedule import Difference, Step

STEPS_SHOWN = 50
_DAY_S = 86_400


@dataclass(frozen=True)
class StepRow:
    """A step; amounts are motes."""

    date: str = ""
    day: str = ""
    """Days since genesis."""
    amount: str = ""
    locked: str = ""
    """Of the genesis validators' weight, afterwards."""
    unlocked: str = ""
    note: str = ""


@dataclass(frozen=True)
class DifferenceRow:
    """A step that two versions have otherwise; None: the version has it not."""

    date: str = ""
    before: str | None = None
    after: str | None = None
    what: str = ""


@dataclass(frozen=True)
class Sum:
    """All steps against the genesis validators' weight."""

    state: str = "exact"
    """exact, short or over."""
    words: str = ""


def step_rows(steps: Sequence[Step], genesis: datetime, weight: int) -> list[StepRow]:
    """Every step, with what is locked and unlocked after it."""
    unlocked = accumulate(step.amount for step in steps)
    return [
        StepRow(
            date=iso(step.date),
            day=f"{(step.date - genesis).total_seconds() / _DAY_S:.2f}",
            amount=str(step.amount),
            locked=str(weight - so_far),
            unlocked=str(so_far),
            note=step.note or "",
        )
        for step, so_far in zip(steps, unlocked, strict=True)
    ]


def difference_rows(found: Sequence[Difference]) -> list[DifferenceRow]:
    """Differences, by date."""
    return [
        DifferenceRow(
            date=iso(one.date),
            before=None if one.before is None else str(one.before),
            after=None if one.after is None else str(one.after),
            what=signed_cspr((one.after or 0) - (one.before or 0)),
        )
        for one in found
    ]


def sum_of(short_motes: int) -> Sum:
    """By how much the steps miss the genesis validators' weight; negative: they are over it."""
    if short_motes == 0:
        return Sum("exact", "The steps unlock exactly the genesis validators' weight.")
    amount = signed_cspr(abs(short_motes)).removeprefix("+")
    if short_motes > 0:
        return Sum("short", f"Short by {amount}: so much would stay locked for ever.")
    return Sum("over", f"Over by {amount}: it cannot be saved.")


def steps_csv(steps: Sequence[Step]) -> str:
    """The steps as a file that can be imported again."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("date", "amount_motes", "note"))
    writer.writerows((step.date.isoformat(), step.amount, step.note or "") for step in steps)
    return text.getvalue()
