"""Publishing: what is staged, proposed and published, and what editors do about it."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import reflex as rx
from sqlmodel import Session

from casper_dash.admin.deciding import decided, deed_of, network, settings, whole
from casper_dash.admin.publish_rows import (
    ERAS_SHOWN,
    EffectsRow,
    EraRow,
    ProposalRow,
    PublicationRow,
    draft_words,
    effects_row,
    era_page,
    proposal_row,
    publication_row,
    warnings_of,
)
from casper_dash.admin.publish_work import Standing, begin, standing
from casper_dash.admin.state import AdminState, Mistake
from casper_dash.audit import record
from casper_dash.auth.people import second_person_confirms
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person
from casper_dash.decisions import curation, proposals
from casper_dash.decisions.deed import Deed
from casper_dash.decisions.effects import proposal_effects
from casper_dash.decisions.evidence import evidence_pack
from casper_dash.keys import keys_of
from casper_dash.queries.operation.publish import published_before

_NONE = ProposalRow()
_PUBLICATIONS = 20
_LARGEST_PACK = 64 * 2**20
"""Bytes that a pack may have to go over a page's socket."""
_ASKED = ("propose", "confirm", "publish", "cancel", "withdraw", "restore")


class PublishState(AdminState):
    """The draft or the open proposal with its effects, and what was published before."""

    loaded: bool = False
    draft: str = ""
    """What the next proposal would hold; "" for nothing."""
    deferred: int = 0
    needs_second: bool = False
    open: ProposalRow = _NONE
    effects: EffectsRow = EffectsRow()
    warnings: list[str] = []
    eras: list[EraRow] = []
    first_era: int = -1
    """Of the eras shown; -1: the first that changes."""
    more_eras: bool = False
    seen: int = 0
    """The publication that readers see."""
    published: list[PublicationRow] = []
    before: int = -1
    """Publications below this are shown; -1: the newest."""
    more_published: bool = False
    asking: str = ""
    """What is to be done, once somebody says why: one of _ASKED, or "evidence"."""
    about: int = 0
    """The publication that is asked about."""
    _publishing: int = 0
    """The proposal whose end this tab still has to tell of."""
    _ended_at: str = ""
    """When the attempt before that one ended."""

    @rx.event
    async def refresh(self) -> None:
        """Reads everything anew."""
        person = await self.require(Role.VIEWER, active=False)
        await self._reread(person)

    @rx.event
    async def show_eras(self, form: dict[str, Any]) -> None:
        """Shows eras from one on."""
        person = await self.require(Role.VIEWER)
        self.first_era = whole(form.get("first"), "An era")
        await self._reread(person)

    @rx.event
    async def turn_eras(self, onward: bool) -> None:
        """The next eras, or those before."""
        person = await self.require(Role.VIEWER)
        first = self.eras[0].era_id if self.eras else 0
        self.first_era = max(first + (ERAS_SHOWN if onward else -ERAS_SHOWN), 0)
        await self._reread(person)

    @rx.event
    async def turn_publications(self, onward: bool) -> None:
        """Earlier publications, or the newest again."""
        person = await self.require(Role.VIEWER)
        self.before = self.published[-1].id if onward and self.published else -1
        await self._reread(person)

    @rx.event
    async def ask(self, what: str, about: int) -> None:
        """Asks why something is to be done, before it is done."""
        await self.require(Role.EDITOR)
        if what not in _ASKED:
            raise Mistake("There is no such thing to do.")
        self._show(asking=what, about=about)

    @rx.event
    async def ask_evidence(self, about: int) -> None:
        """Asks of which era."""
        await self.require(Role.VIEWER)
        self._show(asking="evidence", about=about)

    @rx.event
    async def drop(self) -> None:
        """Does not do it after all."""
        await self.require(Role.VIEWER)
        self.asking = ""

    @rx.event
    async def do(self, form: dict[str, Any]) -> None:
        """Does what was asked about."""
        person = await self.require(Role.EDITOR)
        doing: dict[str, Callable[[Person, dict[str, Any]], Any]] = {
            "propose": self._propose,
            "confirm": self._confirm,
            "publish": self._publish,
            "cancel": self._cancel,
            "withdraw": self._withdraw,
            "restore": self._restore,
        }
        if self.asking not in doing:
            raise Mistake("Choose first what is to be done.")
        await doing[self.asking](person, form)
        self.asking = ""
        await self._reread(person)

    @rx.event
    async def download(self, form: dict[str, Any]) -> Any:
        """The evidence of an era, as the publication that was asked about has it."""
        await self.require(Role.VIEWER)
        era, publication, keys = whole(form.get("era"), "An era"), self.about, keys_of(settings())
        pack = await self.look(
            decided(lambda session: evidence_pack(session, network(), keys, era, publication))
        )
        if len(pack) > _LARGEST_PACK:
            raise Mistake(f"This pack has {len(pack) >> 20} MiB, too much for a page to hand out.")
        self.asking = ""
        name = f"evidence-era-{era}-publication-{publication}.zip"
        return rx.download(data=pack, filename=name, mime_type="application/zip")

    async def _propose(self, person: Person, form: dict[str, Any]) -> None:
        make = partial(proposals.propose, network=network(), deed=deed_of(person, form))

        def change(session: Session) -> int:
            number = make(session, needs_second=second_person_confirms(session, settings()))
            self._acknowledge(session, number, person, form)
            return number

        number = await self.change(decided(change), "")
        self._say_next(number, "is made")

    async def _restore(self, person: Person, form: dict[str, Any]) -> None:
        deed, publication = deed_of(person, form), self.about

        def change(session: Session) -> int:
            second = second_person_confirms(session, settings())
            return proposals.propose_restoring(
                session, network(), publication, deed, needs_second=second
            )

        number = await self.change(decided(change), "")
        self._say_next(number, f"puts publication {publication} back")

    async def _confirm(self, person: Person, form: dict[str, Any]) -> None:
        number, deed = self._number(), deed_of(person, form)

        def change(session: Session) -> None:
            self._acknowledge(session, number, person, form)
            proposals.confirm(session, number, deed)

        await self.change(decided(change), f"Proposal {number} is confirmed: it can be published.")

    async def _publish(self, person: Person, form: dict[str, Any]) -> None:
        number = self._number()
        if str(form.get("phrase", "")).strip() != f"publish {number}":
            raise Mistake(f"Type “publish {number}” to publish it.")

        def change(session: Session) -> None:
            row = proposals.proposal_with(session, number)
            if not proposal_row(row, person.id, self.seen, datetime.now(UTC)).can_publish:
                raise Mistake(f"Proposal {number} cannot be published now: it is {row.state}.")
            self._acknowledge(session, number, person, form)

        await self.change(decided(change), f"Proposal {number} is being published.")
        begin(number, person.actor)
        self._publishing, self._ended_at = number, self.open.ended_at

    async def _cancel(self, person: Person, form: dict[str, Any]) -> None:
        said = "The publication stops, and nothing changes for readers."
        await self._on_proposal(proposals.cancel, deed_of(person, form), said)

    async def _withdraw(self, person: Person, form: dict[str, Any]) -> None:
        said = f"Proposal {self.open.number} is withdrawn; what it held is staged again."
        await self._on_proposal(proposals.withdraw, deed_of(person, form), said)

    async def _on_proposal(
        self, change: Callable[[Session, int, Deed], None], deed: Deed, said: str
    ) -> None:
        number = self._number()
        await self.change(decided(lambda session: change(session, number, deed)), said)

    def _acknowledge(
        self, session: Session, number: int, person: Person, form: dict[str, Any]
    ) -> None:
        """Raises Mistake unless the person saw each warning that there is; the audit keeps it."""
        row = proposals.proposal_with(session, number)
        found = warnings_of(proposal_effects(session, network(), row))
        if not found:
            return
        if found != list(self.warnings):
            raise Mistake("The checks changed meanwhile. Look at them again.")
        if not form.get("seen"):
            raise Mistake("Say that you have seen the warnings.")
        what = {"warnings": found}
        record(session, person.actor, "proposal.acknowledge", f"proposal {number}", after=what)

    def _number(self) -> int:
        if not self.open.number:
            raise Mistake("There is no proposal.")
        return self.open.number

    def _say_next(self, number: int, what: str) -> None:
        then = "a second person confirms it now" if self.needs_second else "it can be published"
        self.say(f"Proposal {number} {what}: {then}.")

    async def _reread(self, person: Person) -> None:
        before = None if self.before < 0 else self.before

        def read(session: Session) -> tuple[Standing, Any, Any, bool, Any]:
            return (
                standing(session),
                curation.seen(session),
                proposals.open_proposal(session),
                second_person_confirms(session, settings()),
                published_before(session, before=before, limit=_PUBLICATIONS + 1),
            )

        found, state, proposal, second, published = await self.look(read)
        self._show_effects(found)
        schedule = state.draft_schedule if state and state.schedule_staged else None
        now, seen = datetime.now(UTC), found.effects.base
        row = proposal_row(proposal, person.id, seen, now) if proposal else _NONE
        self._show(
            loaded=True,
            draft="" if proposal else draft_words(found.counts, schedule),
            deferred=found.counts.get("defer", 0),
            needs_second=second,
            open=row,
            seen=seen,
            published=[publication_row(one, seen) for one in published[:_PUBLICATIONS]],
            more_published=len(published) > _PUBLICATIONS,
        )
        self._tell_end()

    def _tell_end(self) -> None:
        if not self._publishing:
            return
        anew = self.open.ended_at != self._ended_at  # the worker may not have begun yet
        if self.open.number and self.open.state == "failed" and anew:
            self.say(f"Not published: {self.open.error}. Readers see what they saw.", "error")
        elif not self.open.number:
            self.say(f"Readers see publication {self.seen} now.")
        else:
            return
        self._publishing = 0

    def _show_effects(self, found: Standing) -> None:
        effects = found.effects
        first = self.first_era if self.first_era >= 0 else effects.first_era or 0
        eras = era_page(effects, first)
        self._show(
            effects=effects_row(effects),
            warnings=warnings_of(effects),
            eras=eras,
            more_eras=bool(eras) and eras[-1].era_id < effects.eras[-1].era_id,
        )


REFRESH = PublishState.refresh
