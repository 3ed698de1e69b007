"""Deciding on what is picked in the list of the review page, and undoing it."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar, cast

import reflex as rx
from sqlmodel import Session

from casper_dash.admin.database import write
from casper_dash.admin.review_filter import wanted
from casper_dash.admin.review_list import ReviewListState
from casper_dash.admin.review_reads import (
    Question,
    changed_of,
    question_of_matching,
    question_of_picked,
)
from casper_dash.admin.review_rows import DECISIONS, Asked, counted, eras_between, transfer_row
from casper_dash.admin.state import Mistake
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person
from casper_dash.decisions.deed import Deed
from casper_dash.decisions.errors import Conflict, Refused
from casper_dash.decisions.review import Selected
from casper_dash.decisions.staging import Decision, Seen, Step, stage, stage_matching, undo

T = TypeVar("T")


class ReviewState(ReviewListState):
    """A decision that waits for its reason."""

    asked: Asked = Asked()
    _shown: Selected | None = None

    @rx.event
    async def ask(self, decision: str) -> None:
        """Says what a decision on what is picked would mean, for somebody to give his reason."""
        await self.require(Role.EDITOR)
        if decision not in DECISIONS:
            raise Mistake("There is no such decision.")
        if not self.every and not self._picks:
            raise Mistake("Pick transfers first: x picks the row that has the focus.")
        if self.every:
            matched = partial(question_of_matching, wanted=wanted(self.fields), decision=decision)
            found = await self.look(matched)
        else:
            places = sorted(self._picks)
            found = await self.look(partial(question_of_picked, places=places, decision=decision))
        self._ask(found, decision)

    @rx.event
    async def give_up(self) -> None:
        """Does not decide after all."""
        await self.require(Role.EDITOR)
        self.asked = Asked()

    @rx.event
    async def decide(self, form: dict[str, Any]) -> None:
        """Stages the decision that was asked for, with its reason."""
        person = await self.require(Role.EDITOR)
        decision, shown = self.asked.decision, self._shown
        if not decision or shown is None:
            raise Mistake("Look first at what the decision would do.")
        deed = _deed(person, form.get("reason"))
        try:
            step = await self._carry_out(self._step(decision, shown, deed))
        except Conflict as conflict:
            self._changes, self._changed = conflict.changes, conflict.count
            self.asked = Asked()
            await self._reread(person)
            self.say("Nothing was changed: others were faster. See what they did.", "warn")
            return
        self.asked = Asked()
        self._pick({})
        await self._reread(person)
        done = DECISIONS[decision].lower()
        self.say(f"Staged: {done} {counted(step.transfers)} (step {step.number}). z undoes it.")

    @rx.event
    async def undo(self, number: int) -> None:
        """Puts back what a step changed."""
        person = await self.require(Role.EDITOR)
        deed = _deed(person, f"undo of step {int(number)}")
        try:
            change = partial(undo, number=int(number), deed=deed)
            step = await self._carry_out(change)
        except Conflict as conflict:
            raise Mistake(f"Step {number} cannot be undone: {conflict}.") from conflict
        await self._reread(person)
        self.say(f"Step {number} is undone: {counted(step.transfers)} as before.")

    @rx.event
    async def keep_mine(self) -> None:
        """Takes what others did as seen: a decision on what is picked goes on from it."""
        person = await self.require(Role.EDITOR)
        changed = await self.look(lambda session: changed_of(session, self._versions()))
        picks = {place: pick for place, pick in self._picks.items() if place not in changed}
        picks |= {place: pick for place, pick in changed.items() if pick is not None}
        self._pick(picks)
        await self._reread(person)

    def _step(self, decision: str, shown: Selected, deed: Deed) -> Callable[[Session], Step]:
        if self.every:
            every = wanted(self.fields)
            return lambda session: stage_matching(
                session, every, shown, cast(Decision, decision), deed
            )
        picked = [Seen(*place, version) for place, version in sorted(self._versions().items())]
        return lambda session: stage(session, picked, cast(Decision, decision), deed)

    async def _carry_out(self, change: Callable[[Session], T]) -> T:
        try:
            return await self._in_thread(partial(write, change))
        except Refused as error:
            raise Mistake(f"{error}.") from error

    def _ask(self, found: Question, decision: str) -> None:
        shown = found.shown
        self._shown = shown
        self.asked = Asked(
            decision=decision,
            verb=f"{DECISIONS[decision]} {counted(shown.transfers)}",
            transfers=shown.transfers,
            amount=str(shown.amount),
            eras=eras_between(shown.first_era, shown.last_era),
            moves=str(found.moves),
            circulating=str(found.circulating),
            samples=[transfer_row(row) for row in shown.samples],
        )


def _deed(person: Person, reason: Any) -> Deed:
    try:
        return Deed(person.actor, datetime.now(UTC), reason if isinstance(reason, str) else "")
    except Refused as error:
        raise Mistake(f"{error}.".capitalize()) from error
