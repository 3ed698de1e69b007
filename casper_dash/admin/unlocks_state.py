"""The unlock schedule: the version that readers see, the draft, and what editors do with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import reflex as rx
from sqlmodel import Session

from casper_dash.admin.csv_paste import ErrorRow
from casper_dash.admin.deciding import decided, deed_of, network, sentence
from casper_dash.admin.state import AdminState, Mistake
from casper_dash.admin.unlocks_rows import (
    STEPS_SHOWN,
    DifferenceRow,
    StepRow,
    Sum,
    difference_rows,
    step_rows,
    steps_csv,
    sum_of,
)
from casper_dash.admin.words import iso
from casper_dash.auth.roles import Role
from casper_dash.decisions import curation, schedule
from casper_dash.decisions.deed import Deed
from casper_dash.decisions.errors import DecisionError
from casper_dash.decisions.schedule import Step, differences, shortfall, steps_with_notes
from casper_dash.decisions.schedule_csv import MOST_CHARACTERS, parse_schedule

_ASKED = ("save", "stage", "unstage", "discard")
_ERRORS_SHOWN = 50


@dataclass(frozen=True)
class Versions:
    """Both versions with their steps; `draft` 0: there is none."""

    published: int
    draft: int
    staged: bool
    made: Any
    """Who saved the draft, when and why; None: nobody."""
    old: list[Step]
    new: list[Step]


def read_versions(session: Session) -> Versions:
    """The published version and the draft, as they are now."""
    published, state = schedule.published_schedule(session), curation.seen(session)
    draft = state.draft_schedule if state and state.draft_schedule is not None else 0
    return Versions(
        published=published,
        draft=draft,
        staged=bool(state and state.schedule_staged),
        made=schedule.saved_version(session, draft) if draft else None,
        old=steps_with_notes(session, published),
        new=steps_with_notes(session, draft) if draft else [],
    )


class UnlocksState(AdminState):
    """Two versions and their difference, and a file on its way to be a third."""

    loaded: bool = False
    published: int = 0
    draft: int = 0
    """The version that is worked on; 0: none."""
    staged: bool = False
    made_by: str = ""
    made_at: str = ""
    made_why: str = ""
    showing: str = "published"
    """Whose steps are shown: "published" or "draft"."""
    steps: list[StepRow] = []
    first: int = 0
    """How many steps stand before those shown."""
    more: bool = False
    sum: Sum = Sum()
    changes: list[DifferenceRow] = []
    """From the published version to the draft."""
    editing: bool = False
    text: str = ""
    """What the form begins with."""
    errors: list[ErrorRow] = []
    preview: list[DifferenceRow] = []
    """From the published version to the file that is looked at."""
    preview_sum: Sum = Sum()
    looked: bool = False
    asking: str = ""
    """What is to be done, once somebody says why: one of _ASKED."""
    _file: str = ""
    _edited: int = 0
    """The draft that the file was made from."""

    @rx.event
    async def refresh(self) -> None:
        """Reads everything anew."""
        await self.require(Role.VIEWER, active=False)
        await self._reread()

    @rx.event
    async def show_version(self, which: str) -> None:
        """Shows the steps of one version."""
        await self.require(Role.VIEWER)
        self._show(showing="draft" if which == "draft" else "published", first=0)
        await self._reread()

    @rx.event
    async def turn(self, onward: bool) -> None:
        """The next steps, or those before."""
        await self.require(Role.VIEWER)
        self.first = max(self.first + (STEPS_SHOWN if onward else -STEPS_SHOWN), 0)
        await self._reread()

    @rx.event
    async def edit(self) -> None:
        """Opens the form with the draft, or else the published version, as a file."""
        await self.require(Role.EDITOR)
        found = await self.look(read_versions)
        self._edited = found.draft
        text = steps_csv(found.new if found.draft else found.old)
        self._show(editing=True, text=text, looked=False, errors=[], preview=[])

    @rx.event
    async def leave(self) -> None:
        """Closes the form; nothing was saved."""
        await self.require(Role.EDITOR)
        self._close()

    @rx.event
    async def look_at(self, form: dict[str, Any]) -> None:
        """Says what the file would change, or what is wrong in which line."""
        await self.require(Role.EDITOR)
        text = str(form.get("file", ""))[: MOST_CHARACTERS + 1]
        steps, errors = parse_schedule(text)
        if not errors:
            steps = _checked(steps)
        found = await self.look(read_versions)
        self._file = text
        self._show(
            errors=[ErrorRow(one.line, one.message) for one in errors[:_ERRORS_SHOWN]],
            preview=[] if errors else difference_rows(differences(found.old, steps)),
            preview_sum=sum_of(shortfall(network(), steps)),
            looked=not errors,
        )

    @rx.event
    async def ask(self, what: str) -> None:
        """Asks why something is to be done; "" drops it."""
        await self.require(Role.EDITOR)
        self.asking = what if what in _ASKED else ""

    @rx.event
    async def do(self, form: dict[str, Any]) -> None:
        """Does what was asked about."""
        person = await self.require(Role.EDITOR)
        deed = deed_of(person, form)
        if self.asking == "save":
            await self._save(deed)
        elif self.asking in ("stage", "unstage"):
            staged = self.asking == "stage"
            change = partial(schedule.stage_schedule, staged=staged)
            into = "goes into the next proposal" if staged else "stays a draft"
            await self._on_draft(change, deed, f"Schedule {self.draft} {into}.")
        elif self.asking == "discard":
            said = f"Schedule {self.draft} is discarded."
            await self._on_draft(schedule.discard_schedule, deed, said)
        else:
            raise Mistake("Choose first what is to be done.")
        self.asking = ""
        await self._reread()

    async def _save(self, deed: Deed) -> None:
        steps, errors = parse_schedule(self._file)
        if errors or not self.looked:
            raise Mistake("Look first at what the file would change.")
        seen = self._edited or None

        def change(session: Session) -> int:
            return schedule.save_schedule(session, network(), steps, deed, seen=seen)

        number = await self.change(decided(change), "")
        self.say(f"Schedule {number} is the draft now; stage it to have it published.")
        self._close()
        self._show(showing="draft", first=0)

    async def _on_draft(
        self, change: Callable[[Session, int, Deed], None], deed: Deed, said: str
    ) -> None:
        number = self.draft
        await self.change(decided(lambda session: change(session, number, deed)), said)

    def _close(self) -> None:
        self._file = ""
        self._show(editing=False, text="", looked=False, errors=[], preview=[], asking="")

    async def _reread(self) -> None:
        found = await self.look(read_versions)
        showing = self.showing if found.draft else "published"
        steps = found.new if showing == "draft" else found.old
        rows = step_rows(steps, network().genesis_time, network().genesis_validators_weight)
        first = min(self.first, max(len(rows) - 1, 0) // STEPS_SHOWN * STEPS_SHOWN)
        self._show(
            loaded=True,
            published=found.published,
            draft=found.draft,
            staged=found.staged,
            made_by=found.made.by if found.made else "",
            made_at=iso(found.made.at) if found.made else "",
            made_why=found.made.reason if found.made else "",
            showing=showing,
            steps=rows[first : first + STEPS_SHOWN],
            first=first,
            more=len(rows) > first + STEPS_SHOWN,
            sum=sum_of(shortfall(network(), steps)),
            changes=difference_rows(differences(found.old, found.new)) if found.draft else [],
        )


REFRESH = UnlocksState.refresh


def _checked(steps: Sequence[Step]) -> list[Step]:
    """The steps as they can be saved. Raises Mistake."""
    try:
        return schedule.checked_steps(network(), steps)
    except DecisionError as error:
        raise Mistake(sentence(error)) from error
