"""My account: name, what proves who one is, and where one is signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import reflex as rx
from sqlmodel import Session

from casper_dash.admin.frame import frame
from casper_dash.admin.people_forms import text
from casper_dash.admin.people_sessions import SessionRow, session_row, sessions_table
from casper_dash.admin.state import AdminState, Mistake
from casper_dash.admin.tables import small_button, table
from casper_dash.admin.words import iso
from casper_dash.auth import passkeys, people, sessions
from casper_dash.auth.recovery import COUNT
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person
from casper_dash.components.browser import Handler
from casper_dash.components.forms import field
from casper_dash.components.icons import icon
from casper_dash.components.panels import panel
from casper_dash.components.states import empty, skeleton
from casper_dash.components.times import ago, utc
from casper_dash.queries.operation.people import Own, own

_FEW = 3
_Found = tuple[Own, list[passkeys.Listed], list[sessions.Listed]]


@dataclass(frozen=True)
class KeyRow:
    """A passkey."""

    id: str = ""
    name: str = ""
    added: str = ""
    used: str = ""


class AccountState(AdminState):
    """One's own account."""

    loaded: bool = False
    email: str = ""
    name: str = ""
    password_at: str = ""
    app: bool = False
    """Whether an authenticator app is the second factor."""
    codes: int = 0
    """Recovery codes that are left."""
    few: bool = False
    keys: list[KeyRow] = []
    sessions: list[SessionRow] = []
    others: int = 0
    """Sessions besides this one."""
    removing: KeyRow = KeyRow()

    @rx.event
    async def refresh(self) -> None:
        """Reads everything anew."""
        await self._reread(await self.require(Role.VIEWER, active=False))

    @rx.event
    async def rename(self, form: dict[str, Any]) -> None:
        """Another display name."""
        person = await self.require(Role.VIEWER)
        name = text(form, "name", longest=100)
        change = partial(people.rename, by=person, person_id=person.id, name=name)
        await self._do(person, change, f"Others see you as {name} from now on.")

    @rx.event
    async def ask_to_remove(self, key_id: str) -> None:
        """Asks whether to remove a passkey; "" drops it."""
        await self.require(Role.VIEWER)
        self.removing = self._key(key_id) if key_id else KeyRow()

    @rx.event
    async def remove_passkey(self) -> None:
        """The passkey signs nobody in any more."""
        person = await self.require(Role.VIEWER)
        key = self._key(self.removing.id)
        change = partial(passkeys.remove_passkey, person=person, passkey_id=key.id)
        self.removing = KeyRow()
        await self._do(person, change, f"The passkey {key.name} is removed.")

    @rx.event
    async def revoke(self, session_id: str) -> None:
        """Ends one of one's own sessions."""
        person = await self.require(Role.VIEWER)
        change = partial(people.end_session, by=person, person_id=person.id, session_id=session_id)
        await self._do(person, change, "The session has ended.")

    @rx.event
    async def revoke_others(self) -> None:
        """Ends all of one's own sessions but this."""
        person = await self.require(Role.VIEWER)

        def change(session: Session) -> None:
            if not people.end_sessions(session, person, person.id):
                raise Mistake("There is no other session.")

        await self._do(person, change, "All other sessions have ended.")

    async def _do(self, person: Person, change: Callable[[Session], Any], said: str) -> None:
        await self.change(change, said)
        await self._reread(await self.require(Role.VIEWER))

    async def _reread(self, person: Person) -> None:
        now = datetime.now(UTC)

        def question(session: Session) -> _Found:
            return (
                own(session, person.id),
                passkeys.passkeys_of(session, person.id),
                sessions.sessions_of(session, person.id, now),
            )

        facts, keys, live = await self.look(question)
        self._show(
            loaded=True,
            email=person.email,
            name=person.name,
            password_at=iso(facts.password_at),
            app=facts.second_factor,
            codes=facts.codes_left,
            few=facts.codes_left < _FEW,
            keys=[KeyRow(k.id, k.name, iso(k.created_at), iso(k.last_used_at)) for k in keys],
            sessions=[session_row(one, person.session_id) for one in live],
            others=len(live) - 1,
        )

    def _key(self, key_id: str) -> KeyRow:
        found = next((key for key in self.keys if key.id == key_id), None)
        if found is None:
            raise Mistake("There is no such passkey any more.")
        return found


REFRESH = AccountState.refresh


def page() -> rx.Component:
    """My account."""
    shown = rx.fragment(_who(), _proofs(), _passkeys(), _sessions())
    return frame(
        rx.cond(AccountState.loaded, shown, skeleton("size-panel-m")),
        title="My account",
        here="/account",
        refresh=REFRESH,
    )


def _who() -> rx.Component:
    return panel(
        rx.el.p(AccountState.email, " · ", AdminState.person_role, class_name="quiet"),
        rx.el.form(
            field(
                "name",
                "Your name, as others see it",
                max_length=100,
                default_value=AccountState.name,
                auto_complete="name",
            ),
            rx.el.button("Change the name", type="submit", class_name="button"),
            on_submit=AccountState.rename,
            class_name="form form-row",
        ),
        title="Who you are",
        name="who",
    )


def _proofs() -> rx.Component:
    return panel(
        rx.el.dl(
            _proof(
                "Password",
                rx.cond(
                    AccountState.password_at,
                    rx.fragment("set ", utc(AccountState.password_at)),
                    "none: you sign in by other means",
                ),
                "Change the password",
                "/account/password",
            ),
            _proof(
                "Second factor",
                rx.cond(AccountState.app, "an authenticator app", "none yet"),
                "Replace the second factor",
                "/account/second-factor",
            ),
            _proof(
                "Recovery codes",
                rx.fragment(
                    rx.el.span(f"{AccountState.codes} of {COUNT} left", id="codes-left"),
                    rx.cond(
                        AccountState.few,
                        rx.el.span(
                            icon("alert"),
                            "Make new ones while you have your device.",
                            class_name="tag tag-warn",
                        ),
                    ),
                ),
                "Make new recovery codes",
                "/account/codes",
            ),
            class_name="proofs",
        ),
        title="What proves that it is you",
        name="proofs",
    )


def _proof(name: str, state: rx.Component | rx.Var[str] | str, label: str, to: str) -> rx.Component:
    return rx.el.div(
        rx.el.dt(name),
        rx.el.dd(rx.el.span(state, class_name="row"), rx.el.a(label, to=to, class_name="button")),
    )


def _passkeys() -> rx.Component:
    rows = table(
        "Name",
        "Added",
        "Last used",
        "",
        rows=rx.foreach(AccountState.keys, _key_row),
        label="Passkeys",
    )
    none = empty(
        "You have no passkey.",
        then="One signs you in without password and code, by this device's own lock.",
    )
    return panel(
        rx.cond(AccountState.keys, rows, none),
        rx.cond(AccountState.removing.id, _removal()),
        title="Passkeys",
        name="passkeys",
        tools=(rx.el.a("Add a passkey", to="/account/passkey", class_name="button"),),
    )


def _key_row(key: KeyRow) -> rx.Component:
    remove = small_button("Remove …", AccountState.ask_to_remove(key.id), of=key.name)
    return rx.el.tr(
        rx.el.th(key.name, scope="row", class_name="wide-text"),
        rx.el.td(utc(key.added)),
        rx.el.td(rx.cond(key.used, ago(key.used), "never")),
        rx.el.td(remove, class_name="actions"),
    )


def _removal() -> rx.Component:
    name = AccountState.removing.name
    return rx.el.div(
        rx.el.p(f"{name} signs nobody in any more. Remove it from the device, too."),
        rx.el.div(
            _button(f"Remove the passkey {name}", AccountState.remove_passkey, main=True),
            _button("Keep it", AccountState.ask_to_remove("")),
            class_name="row",
        ),
        class_name="form inset",
    )


def _sessions() -> rx.Component:
    return panel(
        sessions_table(AccountState.sessions, AccountState.revoke),
        title="Where you are signed in",
        name="sessions",
        tools=(
            rx.cond(
                AccountState.others,
                _button(f"Revoke the others ({AccountState.others})", AccountState.revoke_others),
            ),
        ),
    )


def _button(label: str, on_click: Handler, *, main: bool = False) -> rx.Component:
    looks = "button button-main" if main else "button"
    return rx.el.button(label, type="button", class_name=looks, on_click=on_click)
