"""What the page that publishes shows, as text: proposals, effects, publications. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from casper_dash.admin.words import grouped, iso
from casper_dash.decisions.checks import Check
from casper_dash.decisions.effects import Effects, EraEffect

ERAS_SHOWN = 20
_MOTES_A_CSPR = 10**9


@dataclass(frozen=True)
class EraRow:
    """An era's circulating supply in motes, as readers see it (None: not yet) and would see it."""

    era_id: int = 0
    before: str | None = None
    after: str = ""
    moved: str = ""
    """In CSPR, with its sign."""


@dataclass(frozen=True)
class CheckRow:
    """One thing that must, or should, hold."""

    name: str = ""
    detail: str = ""
    state: str = "passed"
    """passed, warning or failed."""


@dataclass(frozen=True)
class EffectsRow:
    """What would change, as a whole."""

    changes: bool = False
    first_era: int = 0
    eras: int = 0
    """How many change."""
    moved: str = ""
    newest: EraRow = EraRow()
    checks: list[CheckRow] = field(default_factory=list)
    biggest: list[EraRow] = field(default_factory=list)


@dataclass(frozen=True)
class ProposalRow:
    """The proposal on its way; number 0: there is none."""

    number: int = 0
    state: str = ""
    what: str = ""
    by: str = ""
    at: str = ""
    reason: str = ""
    confirmed_by: str = ""
    per_mille: int = 0
    progress: str = ""
    error: str = ""
    ended_at: str = ""
    """Of the last attempt."""
    mine: bool = False
    can_confirm: bool = False
    can_publish: bool = False
    can_withdraw: bool = False
    cancelling: bool = False
    moved_on: str = ""
    """Why it can only be withdrawn; "" while readers see what it was made from."""


@dataclass(frozen=True)
class PublicationRow:
    """Something that readers saw, or see."""

    id: int = 0
    at: str = ""
    by: str = ""
    confirmed_by: str = ""
    reason: str = ""
    what: str = ""
    state: str = ""
    """seen, earlier or rolled_back."""


def signed_cspr(motes: int) -> str:
    """+3 120 441.5 CSPR: every digit that is not a trailing zero."""
    sign = "−" if motes < 0 else "+" if motes > 0 else "±"
    whole, rest = divmod(abs(motes), _MOTES_A_CSPR)
    decimals = f".{rest:09}".rstrip("0").rstrip(".")
    return f"{sign}{grouped(whole)}{decimals} CSPR"


def era_row(era: EraEffect) -> EraRow:
    """An era before and after."""
    before = None if era.before is None else str(era.before.circulating)
    return EraRow(era.era_id, before, str(era.after.circulating), signed_cspr(era.moved))


def effects_row(effects: Effects) -> EffectsRow:
    """The whole of the effects; eras page by page come from `era_page`."""
    return EffectsRow(
        changes=effects.first_era is not None,
        first_era=effects.first_era or 0,
        eras=sum(era.before != era.after for era in effects.eras),
        moved=signed_cspr(effects.now),
        newest=era_row(effects.eras[-1]) if effects.eras else EraRow(),
        checks=[_check_row(check) for check in effects.checks],
        biggest=[era_row(era) for era in effects.biggest[:10]],
    )


def warnings_of(effects: Effects) -> list[str]:
    """What does not hold and yet can be published, once somebody says to have seen it."""
    found = (check for check in effects.checks if not check.passed and not check.blocking)
    return [f"{check.name}: {check.detail}" for check in found]


def era_page(effects: Effects, first: int) -> list[EraRow]:
    """ERAS_SHOWN eras from the one with the id `first` on."""
    found = [era for era in effects.eras if era.era_id >= first]
    return [era_row(era) for era in found[:ERAS_SHOWN]]


def proposal_row(row: Any, person_id: str, seen: int, now: datetime) -> ProposalRow:
    """The open proposal, as this person may go on with it."""
    alive = row.state == "working" and row.lease_until is not None and row.lease_until > now
    state = "stalled" if row.state == "working" and not alive else row.state
    moved_on = "" if row.base == seen else f"Readers see publication {seen} now, it was made from"
    return ProposalRow(
        number=row.number,
        state=state,
        what=what_of(row.decisions, row.restores),
        by=row.by,
        at=iso(row.at),
        reason=row.reason,
        confirmed_by=row.confirmed_by or "",
        per_mille=min(1000 * row.done // row.total, 1000) if row.total else 0,
        progress=f"{grouped(row.done)} of {grouped(row.total)} rows" if row.total else "begins",
        error=row.error or "",
        ended_at=iso(row.ended_at),
        mine=row.by_id == person_id,
        can_confirm=state == "proposed" and row.by_id != person_id,
        can_publish=state in ("approved", "failed", "stalled") and not moved_on,
        can_withdraw=not alive,
        cancelling=alive and row.cancelled_by is not None,
        moved_on=moved_on and f"{moved_on} {row.base}: withdraw it, and propose again.",
    )


def publication_row(row: Any, seen: int) -> PublicationRow:
    """A publication of the list."""
    made = row.decisions is not None
    return PublicationRow(
        id=row.id,
        at=iso(row.published_at),
        by=row.published_by or "the system",
        confirmed_by=row.confirmed_by or "",
        reason=row.note or "",
        what=what_of(row.decisions, row.restores) if made else "as it was set up or imported",
        state="seen" if row.id == seen else row.state if row.state == "rolled_back" else "earlier",
    )


def what_of(decisions: int, restores: int | None) -> str:
    """What a proposal would do, in words."""
    if restores is not None:
        return f"puts publication {restores} back"
    return f"{grouped(decisions)} {'decision' if decisions == 1 else 'decisions'}"


def draft_words(counts: dict[str, int], schedule: int | None) -> str:
    """What the next proposal would hold; "" for nothing."""
    parts = [
        f"{grouped(counts[decision])} {word}"
        for decision, word in (("approve", "approved"), ("reject", "rejected"))
        if counts.get(decision)
    ]
    transfers = f"transfers: {', '.join(parts)}" if parts else ""
    steps = "" if schedule is None else f"unlock schedule {schedule}"
    return " · ".join(part for part in (transfers, steps) if part)


def _check_row(check: Check) -> CheckRow:
    failed = "failed" if check.blocking else "warning"
    return CheckRow(check.name, check.detail, "passed" if check.passed else failed)
