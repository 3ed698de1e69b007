"""People and their sessions: what administrators see and do."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import reflex as rx
from sqlmodel import Session

from casper_dash.admin.people_forms import reason, role, text
from casper_dash.admin.people_place import place
from casper_dash.admin.people_rows import (
    InvitedRow,
    PersonRow,
    counted,
    invited_rows,
    person_rows,
    role_effects,
)
from casper_dash.admin.people_sessions import SessionRow, session_row
from casper_dash.admin.state import AdminState, Mistake
from casper_dash.auth import invitations, people
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Listed, Person, sessions_of
from casper_dash.queries.operation.people import Around, Open, around
from casper_dash.queries.operation.people import invitations as open_invitations

_ASKED = ("role", "factor", "deactivate", "reactivate")
_NOBODY = PersonRow()
_Found = tuple[list[people.Listed], Around, dict[str, Open], list[Listed]]


class PeopleState(AdminState):
    """Everybody, who was invited, and the one person that is looked at."""

    loaded: bool = False
    rows: list[PersonRow] = []
    invited: list[InvitedRow] = []
    invited_count: int = 0
    chosen: PersonRow = _NOBODY
    """Who is looked at; its id is "" for nobody."""
    sessions: list[SessionRow] = []
    """Of that person."""
    asking: str = ""
    """What is to be done to them, once a reason is given: one of _ASKED."""
    new_role: str = ""
    effects: list[str] = []
    """Of the new role."""
    cancelling: InvitedRow = InvitedRow()
    """Whose invitation is to be withdrawn, once a reason is given."""

    @rx.event
    async def refresh(self) -> None:
        """Reads everything anew."""
        person = await self.require(Role.VIEWER, active=False)
        if person.role < Role.ADMINISTRATOR:
            await self.look(lambda _session: None)
            return
        await self._reread(person)

    @rx.event
    async def open_person(self, person_id: str) -> None:
        """Looks at somebody."""
        person = await self.require(Role.ADMINISTRATOR)
        self._ask("")
        self.chosen = self._row(person_id)
        await self._reread(person)

    @rx.event
    async def close_person(self) -> None:
        """Looks at nobody."""
        await self.require(Role.ADMINISTRATOR)
        self._ask("")
        self._show(chosen=_NOBODY, sessions=[])

    @rx.event
    async def ask(self, what: str) -> None:
        """Asks for the reason of what is to be done; "" drops it."""
        await self.require(Role.ADMINISTRATOR)
        self._ask(what if what in _ASKED else "")

    @rx.event
    async def choose_role(self, name: str) -> None:
        """Shows what another role would change."""
        await self.require(Role.ADMINISTRATOR)
        wanted = role(name)
        self._show(new_role=str(wanted), effects=role_effects(self._looked_at(), wanted))

    @rx.event
    async def change_role(self, form: dict[str, Any]) -> None:
        """Gives the person the chosen role."""
        by = await self.require(Role.ADMINISTRATOR)
        row, wanted, why = self._looked_at(), role(self.new_role), reason(form)
        change = partial(people.change_role, by=by, person_id=row.id, role=wanted, reason=why)
        await self._do(by, change, f"{row.name} is {wanted} now.")

    @rx.event
    async def deactivate(self, form: dict[str, Any]) -> None:
        """The person is out at once, until somebody lets them in again."""
        by = await self.require(Role.ADMINISTRATOR)
        row, why = self._looked_at(), reason(form)
        change = partial(people.deactivate, by=by, person_id=row.id, reason=why)
        await self._do(by, change, f"{row.name} is deactivated.")

    @rx.event
    async def reactivate(self, form: dict[str, Any]) -> None:
        """The person may sign in again."""
        by = await self.require(Role.ADMINISTRATOR)
        row, why = self._looked_at(), reason(form)
        change = partial(people.reactivate, by=by, person_id=row.id, reason=why)
        await self._do(by, change, f"{row.name} may sign in again.")

    @rx.event
    async def reset_factor(self, form: dict[str, Any]) -> None:
        """Device, codes and password count no more; a letter asks for new ones."""
        by = await self.require(Role.ADMINISTRATOR)
        row, why = self._looked_at(), reason(form)

        def change(session: Session) -> None:
            people.reset_second_factor(session, place(), by, row.id, why)

        await self._do(by, change, f"A letter asks {row.name} for a new password and device.")

    @rx.event
    async def send_reset(self) -> None:
        """A letter lets the person choose a new password."""
        by = await self.require(Role.ADMINISTRATOR)
        row = self._looked_at()

        def change(session: Session) -> None:
            people.send_reset(session, place(), by, row.id)

        await self._do(by, change, f"A letter to {row.email} lets {row.name} choose a password.")

    @rx.event
    async def revoke(self, session_id: str) -> None:
        """Ends one session of the person."""
        by = await self.require(Role.ADMINISTRATOR)
        row = self._looked_at()
        change = partial(people.end_session, by=by, person_id=row.id, session_id=session_id)
        await self._do(by, change, f"A session of {row.name} has ended.")

    @rx.event
    async def revoke_all(self) -> None:
        """Ends all of them, but the one that asks."""
        by = await self.require(Role.ADMINISTRATOR)
        row = self._looked_at()
        change = partial(people.end_sessions, by=by, person_id=row.id)
        count = await self.change(change, "")
        self.say(f"{counted(count, 'session')} of {row.name} ended.")
        await self._reread(by)

    @rx.event
    async def invite(self, form: dict[str, Any]) -> None:
        """Sends a link that is good for a day."""
        by = await self.require(Role.ADMINISTRATOR)
        email = text(form, "email")
        name = text(form, "name", longest=100) or email.partition("@")[0][:100]
        wanted = invitations.Invitation(email, name, role(text(form, "role")))

        def change(session: Session) -> None:
            invitations.invite(session, place(), by, wanted)

        await self._do(by, change, f"A letter with a link is on its way to {email}.")

    @rx.event
    async def resend(self, person_id: str) -> None:
        """Sends a new link; the one before is good no more."""
        by = await self.require(Role.ADMINISTRATOR)
        row = self._invitation(person_id)

        def change(session: Session) -> None:
            invitations.resend(session, place(), by, row.id)

        await self._do(by, change, f"A new link is on its way to {row.email}.")

    @rx.event
    async def ask_to_cancel(self, person_id: str) -> None:
        """Asks for the reason to withdraw an invitation; "" drops it."""
        await self.require(Role.ADMINISTRATOR)
        self.cancelling = self._invitation(person_id) if person_id else InvitedRow()

    @rx.event
    async def cancel(self, form: dict[str, Any]) -> None:
        """Withdraws the invitation."""
        by = await self.require(Role.ADMINISTRATOR)
        row, why = self._invitation(self.cancelling.id), reason(form)
        change = partial(invitations.cancel, by=by, person_id=row.id, reason=why)
        self.cancelling = InvitedRow()
        await self._do(by, change, f"The invitation of {row.email} is withdrawn.")

    async def _do(self, by: Person, change: Callable[[Session], Any], said: str) -> None:
        await self.change(change, said)
        self._ask("")
        await self._reread(by)

    async def _reread(self, by: Person) -> None:
        looked_at, now = self.chosen.id, datetime.now(UTC)

        def question(session: Session) -> _Found:
            sessions = sessions_of(session, looked_at, now) if looked_at else []
            listed = people.people(session, by)
            return listed, around(session, now), open_invitations(session, now), sessions

        listed, facts, links, sessions = await self.look(question)
        rows, invited = person_rows(listed, facts, by.id), invited_rows(listed, links)
        self._show(
            loaded=True,
            rows=rows,
            invited=invited,
            invited_count=len(invited),
            chosen=next((row for row in rows if row.id == looked_at), _NOBODY),
            sessions=[session_row(one, by.session_id) for one in sessions],
        )

    def _ask(self, what: str) -> None:
        self._show(asking=what, new_role="", effects=[])

    def _row(self, person_id: str) -> PersonRow:
        found = next((row for row in self.rows if row.id == person_id), None)
        if found is None:
            raise Mistake("There is no such person.")
        return found

    def _looked_at(self) -> PersonRow:
        return self._row(self.chosen.id)

    def _invitation(self, person_id: str) -> InvitedRow:
        found = next((row for row in self.invited if row.id == person_id), None)
        if found is None:
            raise Mistake("There is no such invitation any more.")
        return found
