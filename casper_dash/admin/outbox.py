"""Letters: what became of each, and what one says while it waits, where there is no mail server."""

from dataclasses import dataclass
from datetime import datetime

import reflex as rx
from reflex.event import EventSpec
from sqlmodel import Session

from casper_dash.admin.frame import frame
from casper_dash.admin.people import for_administrators
from casper_dash.admin.people_place import place
from casper_dash.admin.state import AdminState, Deed, Mistake
from casper_dash.admin.tables import small_button, table
from casper_dash.admin.words import iso
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person
from casper_dash.components.browser import Handler
from casper_dash.components.panels import panel
from casper_dash.components.states import empty, skeleton, tag
from casper_dash.components.times import ago, utc
from casper_dash.mail import outbox
from casper_dash.mail.letter import Letter

_PAGE = 50
_TEXT = "letter-text"


@dataclass(frozen=True)
class LetterRow:
    """A letter, without what it says."""

    id: str = ""
    recipient: str = ""
    subject: str = ""
    state: str = ""
    written: str = ""
    sent: str = ""
    attempts: int = 0
    error: str = ""


class OutboxState(AdminState):
    """A page of letters, newest first."""

    loaded: bool = False
    rows: list[LetterRow] = []
    more: bool = False
    older: bool = False
    no_server: bool = False
    """SMTP_HOST is not set: letters wait here."""
    reading: LetterRow = LetterRow()
    """The letter that is read. What it says is in the browser alone: it can let somebody in."""
    _after: tuple[datetime, str] | None = None

    @rx.event
    async def refresh(self) -> None:
        """Reads the list anew."""
        person = await self.require(Role.VIEWER, active=False)
        if person.role < Role.ADMINISTRATOR:
            await self.look(lambda _session: None)
            return
        await self._reread()

    @rx.event
    async def read(self, letter_id: str) -> list[EventSpec]:
        """Shows what a waiting letter says, and tells the audit."""
        person = await self.require(Role.ADMINISTRATOR)
        row = next((row for row in self.rows if row.id == letter_id), None)
        if place().settings.smtp_host:
            raise Mistake("The mail server delivers letters: nobody else reads them.")
        if row is None:
            raise Mistake("There is no such letter in the list.")
        letter = await self._opened(person, row)
        self.reading = row
        return [rx.set_value(_TEXT, letter.text()), rx.set_focus(_TEXT)]

    @rx.event
    async def close(self) -> EventSpec:
        """Takes the letter away."""
        await self.require(Role.ADMINISTRATOR)
        self.reading = LetterRow()
        return rx.set_value(_TEXT, "")

    @rx.event
    async def page_back(self) -> None:
        """Shows the older ones."""
        await self.require(Role.ADMINISTRATOR)
        if self.more and self.rows:
            last = self.rows[-1]
            self._after = (datetime.fromisoformat(last.written), last.id)
        await self._reread()

    @rx.event
    async def page_newest(self) -> None:
        """Shows the newest."""
        await self.require(Role.ADMINISTRATOR)
        self._after = None
        await self._reread()

    async def _opened(self, person: Person, row: LetterRow) -> Letter:
        found: list[Letter] = []

        def change(session: Session) -> None:
            letter = outbox.read(session, place().keys, row.id)
            if letter is None:
                raise Mistake("It was sent or has expired meanwhile: nobody can read it any more.")
            found.append(letter)

        about = f"letter {row.id} to {row.recipient}"[:200]
        await self.act(person, Deed("letter.read", about, change, said="The audit knows of it."))
        return found[-1]

    async def _reread(self) -> None:
        after = self._after
        found = await self.look(
            lambda session: outbox.letters(session, before=after, limit=_PAGE + 1)
        )
        self._show(
            loaded=True,
            rows=[_row_of(one) for one in found[:_PAGE]],
            more=len(found) > _PAGE,
            older=after is not None,
            no_server=not place().settings.smtp_host,
        )


REFRESH = OutboxState.refresh


def page() -> rx.Component:
    """Letters."""
    return frame(
        for_administrators(
            rx.fragment(_letter(), rx.cond(OutboxState.loaded, _list(), skeleton("size-panel-m")))
        ),
        title="Letters",
        here="/outbox",
        refresh=REFRESH,
    )


def _row_of(listed: outbox.Listed) -> LetterRow:
    return LetterRow(
        id=listed.id,
        recipient=listed.recipient,
        subject=listed.subject,
        state=listed.state,
        written=iso(listed.created_at),
        sent=iso(listed.sent_at),
        attempts=listed.attempts,
        error=listed.error or "",
    )


def _letter() -> rx.Component:
    # there from the start: the text is written into the field itself
    return rx.el.section(
        rx.el.h2("Letter to ", OutboxState.reading.recipient),
        rx.el.label(
            "Its link lets its reader in: hand it to nobody but this person.", html_for=_TEXT
        ),
        rx.el.textarea(id=_TEXT, read_only=True, rows="10", class_name="input letter-text"),
        _button("Close the letter", OutboxState.close),
        class_name="panel",
        id="letter",
        hidden=OutboxState.reading.id == "",
    )


def _list() -> rx.Component:
    rows = rx.fragment(
        table(
            "To",
            "Subject",
            "State",
            "Written",
            "Sent",
            "Attempts>",
            "",
            rows=rx.foreach(OutboxState.rows, _row),
            label="Letters",
        ),
        rx.el.div(
            rx.cond(OutboxState.older, _button("Newest", OutboxState.page_newest)),
            rx.cond(OutboxState.more, _button("Older", OutboxState.page_back)),
            class_name="row",
        ),
    )
    no_server = rx.el.p(
        "SMTP_HOST is not set: letters wait here until their links expire. Read one to hand its"
        " link over yourself.",
        class_name="said said-warn",
    )
    return panel(
        rx.cond(OutboxState.no_server, no_server),
        rx.cond(
            OutboxState.rows,
            rows,
            empty("No letter was written.", then="Invitations and resets write them."),
        ),
        title="Outbox, newest first",
        name="outbox",
    )


def _row(row: LetterRow) -> rx.Component:
    tones = {"waiting": "info", "sent": "ok", "failed": "error"}
    return rx.el.tr(
        rx.el.th(row.recipient, scope="row"),
        rx.el.td(row.subject, class_name="wide-text"),
        rx.el.td(
            rx.match(
                row.state,
                *((state, tag(state, tone=tone)) for state, tone in tones.items()),
                tag(row.state, tone="plain"),
            ),
            rx.cond(row.error, rx.el.p(row.error, class_name="quiet")),
            class_name="wide-text",
        ),
        rx.el.td(ago(row.written)),
        rx.el.td(rx.cond(row.sent, utc(row.sent), "–")),
        rx.el.td(row.attempts, class_name="number right"),
        rx.el.td(
            rx.cond(
                (row.state == "waiting") & OutboxState.no_server,
                small_button("Read", OutboxState.read(row.id), of=row.recipient),
            ),
            class_name="actions",
        ),
    )


def _button(label: str, on_click: Handler) -> rx.Component:
    return rx.el.button(label, type="button", class_name="button", on_click=on_click)
