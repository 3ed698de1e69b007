"""The audit as its page shows it: filtered, paged, exported."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import reflex as rx
from reflex.event import EventSpec
from sqlmodel import Session

from casper_dash import audit
from casper_dash.admin.audit_log_chain import Checked, Checking
from casper_dash.admin.audit_log_rows import EntryRow, entry_row, wanted
from casper_dash.admin.database import read
from casper_dash.admin.state import AdminState, Deed, Mistake
from casper_dash.audit import Entry, Wanted
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person
from casper_dash.queries.operation.audit import actors, newest_number

_PAGE = 50
_EXPORT_MAX = 8 * 2**20
_FORMS = {"csv": (audit.as_csv, "text/csv"), "json": (audit.as_json, "application/x-ndjson")}
_CHECKING = Checking(lambda: read(audit.verify))


class AuditState(AdminState):
    """A page of entries, and the choices of its filter."""

    loaded: bool = False
    rows: list[EntryRow] = []
    more: bool = False
    """Whether there are older ones."""
    older: bool = False
    """Whether the page shown is not the newest."""
    people: list[tuple[str, str]] = []
    """Id and name of who ever did something."""
    actions: list[str] = []
    checked: Checked = Checked()
    newest: int = 0
    filtered: bool = False
    _wanted: Wanted = Wanted()
    _before: int = 0
    """Only entries below are shown; 0 is all."""

    @rx.event
    async def refresh(self) -> None:
        """Reads what came since."""
        person = await self.require(Role.VIEWER, active=False)
        newest = await self.look(newest_number)
        if person.role >= Role.ADMINISTRATOR:
            self._show(checked=_CHECKING.look(datetime.now(UTC)))
        if newest != self.newest or not self.loaded:
            await self._reread(person)

    @rx.event
    async def narrow(self, form: dict[str, Any]) -> None:
        """Shows the entries that a filter asks for."""
        person = await self.require(Role.VIEWER)
        self._wanted, self._before = wanted(form, whole=_may_see_all(person)), 0
        await self._reread(person)

    @rx.event
    async def clear(self) -> None:
        """Shows all entries."""
        person = await self.require(Role.VIEWER)
        self._wanted, self._before = Wanted(), 0
        await self._reread(person)

    @rx.event
    async def page_back(self) -> None:
        """Shows those before the last one shown."""
        person = await self.require(Role.VIEWER)
        if self.more and self.rows:
            self._before = self.rows[-1].number
            await self._reread(person)

    @rx.event
    async def page_newest(self) -> None:
        """Shows the newest."""
        person = await self.require(Role.VIEWER)
        self._before = 0
        await self._reread(person)

    @rx.event
    async def export(self, form: str) -> EventSpec:
        """A file of what the filter asks for, newest first."""
        person = await self.require(Role.ADMINISTRATOR)
        if form not in _FORMS:
            raise Mistake("There is no such form of export.")
        write, mime_type = _FORMS[form]
        asked = self._wanted
        data, cut = await self.look(lambda session: _taken(write(session, asked), _EXPORT_MAX))
        rest = "; it is full, the older entries need a narrower filter" if cut else ""
        deed = Deed("audit.export", f"audit as {form}", _nothing, said=f"The file is here{rest}.")
        await self.act(person, deed)
        name = f"casper-dash-audit-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.{form}"
        return rx.download(data=data, filename=name, mime_type=mime_type)

    async def _reread(self, person: Person) -> None:
        asked, before = self._wanted, self._before or None

        def question(session: Session) -> tuple[list[Entry], dict[str, str], list[str], int]:
            found = audit.entries(session, asked, before=before, limit=_PAGE + 1)
            return found, actors(session), audit.actions(session), newest_number(session)

        found, people, actions, newest = await self.look(question)
        self._show(
            loaded=True,
            rows=[entry_row(entry, whole=_may_see_all(person)) for entry in found[:_PAGE]],
            more=len(found) > _PAGE,
            older=before is not None,
            people=list(people.items()),
            actions=actions,
            newest=newest,
            filtered=asked != Wanted(),
        )


def _may_see_all(person: Person) -> bool:
    return person.role >= Role.ADMINISTRATOR


def _taken(pieces: Iterable[str], most: int) -> tuple[str, bool]:
    """As many whole pieces as fit, and whether any are left."""
    taken: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > most:
            return "".join(taken), True
        taken.append(piece)
    return "".join(taken), False


def _nothing(_session: Session) -> None:
    """The entry in the audit is all."""
