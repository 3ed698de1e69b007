"""Who is asking, and what they may: the base of every admin state.

Refused             the handler goes no further, and its exception is answered by `answer_refusal`
  NotSignedIn       nobody, or no longer                 → to the sign-in page
  NotAllowed        the person's role is too low         → a line that says which is needed
  Mistake           what was sent cannot be done         → a line that says why
  NoDatabase        it does not answer                   → a line that goes when it answers again
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar, cast

import reflex as rx
import structlog
from reflex.event import EventSpec
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from casper_dash.admin.database import engine, read, write
from casper_dash.audit import record
from casper_dash.auth.errors import AuthError
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person, who
from casper_dash.queries.operation.pill import Pill, pill
from crawler.database import explain
from crawler.node_orders import OrderRefused
from crawler.orders import StillWaiting

log = structlog.get_logger(__name__)

SIGN_IN = "/sign-in"
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class Refused(Exception):
    """A handler that may not go on."""


class NotSignedIn(Refused):
    """Nobody is signed in, or no longer."""


class NotAllowed(Refused):
    """The role is too low."""

    def __init__(self, needed: Role) -> None:
        super().__init__(f"This needs the role {needed}.")


class Mistake(Refused):
    """What was sent cannot be done; the message is one line for whoever sent it."""


class NoDatabase(Refused):
    """It does not answer; the state's notice says so already."""


_NO_DATABASE = "The database does not answer. Shown is what was read last; nothing was changed."
_SHOWN = (NotAllowed, Mistake, OrderRefused, StillWaiting)


def helper(method: F) -> F:
    """Keeps a method from being a handler: Reflex makes one, for any browser to call, of each
    public method of a state."""
    method.__override_base_method__ = True  # type: ignore[attr-defined] # Reflex's own mark
    return method


@dataclass(frozen=True)
class Deed:
    """A change and how the audit log names it."""

    action: str
    """What was done: "job.run"."""
    object: str
    """To what: "job prices"."""
    change: Callable[[Session], None]
    reason: str = ""
    said: str = ""
    """The line for the page; "" is made of the others."""


class AdminState(rx.State):
    """What the frame shows on every page, and what every admin state can do for its handlers."""

    person_name: str = ""
    person_role: str = ""
    can_edit: bool = False
    """For leaving controls out; handlers ask `require`."""
    can_administer: bool = False
    notice: str = ""
    notice_tone: str = "ok"
    pill: Pill = Pill()
    stamp: int = 0
    """Counts refreshes: the browser asks for the next one after it has seen the last."""
    refreshed_at: str = ""
    _session_id: str = ""

    @helper
    async def require(self, role: Role, *, active: bool = True) -> Person:
        """The person who asks, read from the database now; call it before anything else.

        `active=False` is for what a page asks by itself: it keeps no session alive.
        Raises NotSignedIn or NotAllowed.
        """
        person = await self.who_asks(active=active)
        if person is None:
            self.forget()
            raise NotSignedIn
        if person.role < role:
            raise NotAllowed(role)
        self._introduce(person)
        return person

    @helper
    async def who_asks(self, *, active: bool) -> Person | None:
        """By the cookie that the browser sent when it opened this socket; None: nobody."""
        cookie = self.router.headers.cookie
        ask = partial(who, engine(), cookie, datetime.now(UTC), active=active)
        return await self._in_thread(ask)

    @helper
    async def look(self, question: Callable[[Session], T]) -> T:
        """What `question` reads; with it the frame's own figures are those of this moment."""

        def both(session: Session) -> tuple[Pill, T]:
            return pill(session, datetime.now(UTC)), question(session)

        found, answer = await self._in_thread(partial(read, both))
        self._show(pill=found)
        if self.notice == _NO_DATABASE:
            self.say("")
        self.stamp += 1
        self.refreshed_at = datetime.now(UTC).isoformat()
        return answer

    @helper
    async def act(self, person: Person, deed: Deed) -> None:
        """Does it and writes it into the audit log, both or neither, and says so on the page."""

        def change(session: Session) -> None:
            deed.change(session)
            record(session, person.actor, deed.action, deed.object, reason=deed.reason)

        await self._in_thread(partial(write, change))
        self.say(deed.said or f"Done: {deed.action} of {deed.object}")

    @helper
    async def change(self, change: Callable[[Session], T], said: str) -> T:
        """Does what tells the audit by itself, and says so on the page."""
        try:
            done = await self._in_thread(partial(write, change))
        except AuthError as error:
            raise Mistake(_sentence(str(error))) from error
        self.say(said)
        return done

    @helper
    def say(self, text: str, tone: str = "ok") -> None:
        """One line for the page's notice."""
        self.notice, self.notice_tone = text, tone

    @helper
    def forget(self) -> None:
        """Empties every state of this tab: they are of someone who is gone."""
        self._get_root_state().reset()  # type: ignore[no-untyped-call]

    @helper
    def belongs_to(self, person: Person | None) -> bool:
        """Whether what this tab holds was read by this very session; true of an empty one."""
        return not self._session_id or (
            person is not None and self._session_id == person.session_id
        )

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except DBAPIError as error:
            log.warning("database does not answer", reason=explain(error, engine()))
            self.say(_NO_DATABASE, "error")
            raise NoDatabase from error

    def _show(self, **values: Any) -> None:
        """Sets vars that differ from what the browser has: only those are sent."""
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _introduce(self, person: Person) -> None:
        self._session_id = person.session_id
        self.person_name, self.person_role = person.name, str(person.role)
        self.can_edit = person.role >= Role.EDITOR
        self.can_administer = person.role >= Role.ADMINISTRATOR


class NoticeState(AdminState):
    """The line that says what was done or refused."""

    @rx.event
    async def show(self, text: str, tone: str) -> None:
        """Shows a line, which comes from `answer_refusal`."""
        await self.require(Role.VIEWER)
        self.say(text[:300], tone)

    @rx.event
    async def dismiss(self) -> None:
        """Takes the line away."""
        await self.require(Role.VIEWER)
        self.say("")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _send_what_changed() -> EventSpec:
    # the states' changes go with the next event; this one of Reflex's needs no database
    return cast(EventSpec, rx.State.set_is_hydrated(True))


def answer_refusal(exception: Exception) -> EventSpec:
    """What the browser gets to see of an exception in a handler; a bug's traceback is logged."""
    if isinstance(exception, NotSignedIn):
        return rx.redirect(SIGN_IN, replace=True)
    if isinstance(exception, NoDatabase):
        return _send_what_changed()
    if isinstance(exception, _SHOWN):
        return NoticeState.show(str(exception), "error")
    log.error("admin handler failed", exc_info=exception)
    return NoticeState.show("This failed; the server's log says why. Nothing was changed.", "error")
