"""Tokens: what programs may do for a person, made once, shown once, revoked at any time."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from casper_dash.admin.frame import frame
from casper_dash.admin.state import AdminState, Mistake
from casper_dash.admin.tables import small_button, table
from casper_dash.admin.tokens_rows import LIVES, SCOPES, TokenRow, token_row, wanted
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person
from casper_dash.auth.tokens import make_token, revoke_token
from casper_dash.components.browser import BrowserVar, Handler
from casper_dash.components.forms import field
from casper_dash.components.panels import panel
from casper_dash.components.states import empty, skeleton, tag
from casper_dash.components.times import ago, utc
from casper_dash.queries.operation.tokens import Token, tokens

_PAGE = 50
_SECRET = "new-token"  # noqa: S105 (the id of a field)


class TokensState(AdminState):
    """One's own tokens; everybody's, for administrators who ask for them."""

    loaded: bool = False
    rows: list[TokenRow] = []
    everybody: bool = False
    more: bool = False
    made: str = ""
    """The name of the token that is shown now. Its secret is in the browser alone."""
    revoking: TokenRow = TokenRow()
    _after: tuple[datetime, str] | None = None

    @rx.event
    async def refresh(self) -> None:
        """Reads everything anew."""
        await self._reread(await self.require(Role.VIEWER, active=False))

    @rx.event
    async def make(self, form: dict[str, Any]) -> EventSpec:
        """Makes a token, and hands its secret to the browser, past what the server keeps."""
        person = await self.require(Role.VIEWER)
        now = datetime.now(UTC)
        new = wanted(form, now)
        change = partial(make_token, by=person, wanted=new, now=now)
        secret = await self.change(change, f"The token {new.name} is made.")
        self.made = new.name
        await self._reread(person)
        return rx.set_value(_SECRET, secret)

    @rx.event
    async def hide(self) -> EventSpec:
        """Takes the secret away for good."""
        await self.require(Role.VIEWER)
        self.made = ""
        return rx.set_value(_SECRET, "")

    @rx.event
    async def ask(self, token_id: str) -> None:
        """Asks whether to revoke a token; "" drops it."""
        await self.require(Role.VIEWER)
        self.revoking = self._row(token_id) if token_id else TokenRow()

    @rx.event
    async def revoke(self) -> None:
        """The token is worth nothing from now on."""
        person = await self.require(Role.VIEWER)
        row = self._row(self.revoking.id)
        change = partial(revoke_token, by=person, token_id=row.id, now=datetime.now(UTC))
        await self.change(change, f"The token {row.name} is revoked.")
        self.revoking = TokenRow()
        await self._reread(person)

    @rx.event
    async def show_of(self, whom: str) -> None:
        """Shows the tokens of "everybody", or one's own."""
        person = await self.require(Role.VIEWER)
        if whom == "everybody":
            person = await self.require(Role.ADMINISTRATOR)
        self.everybody, self._after = whom == "everybody", None
        await self._reread(person)

    @rx.event
    async def page_back(self) -> None:
        """Shows the older ones."""
        person = await self.require(Role.VIEWER)
        if self.more and self.rows:
            last = self.rows[-1]
            self._after = (datetime.fromisoformat(last.made), last.id)
        await self._reread(person)

    async def _reread(self, person: Person) -> None:
        now, after = datetime.now(UTC), self._after
        everybody = self.everybody and person.role >= Role.ADMINISTRATOR
        owner_id = "" if everybody else person.id
        found: list[Token] = await self.look(
            lambda session: tokens(session, owner_id=owner_id, before=after, limit=_PAGE + 1)
        )
        rows = [token_row(token, now) for token in found[:_PAGE]]
        self._show(loaded=True, rows=rows, more=len(found) > _PAGE)

    def _row(self, token_id: str) -> TokenRow:
        found = next((row for row in self.rows if row.id == token_id), None)
        if found is None:
            raise Mistake("There is no such token in the list.")
        return found


REFRESH = TokensState.refresh


def page() -> rx.Component:
    """Tokens."""
    return frame(
        _new(),
        rx.cond(TokensState.loaded, _list(), skeleton("size-panel-m")),
        _make(),
        title="Tokens",
        here="/tokens",
        refresh=REFRESH,
    )


def _new() -> rx.Component:
    # there from the start: the secret is written into the field itself
    return rx.el.section(
        rx.el.h2("Token ", rx.el.strong(TokensState.made)),
        rx.el.label(
            "Copy it now: it is shown this once, and nobody can look it up.", html_for=_SECRET
        ),
        rx.el.div(
            rx.el.input(
                id=_SECRET, read_only=True, class_name="input token-secret", auto_complete="off"
            ),
            _button("I have stored it", TokensState.hide),
            class_name="row",
        ),
        rx.el.p("Send it as ", rx.el.code("Authorization: Bearer …"), ".", class_name="quiet"),
        class_name="panel",
        id="made",
        hidden=TokensState.made == "",
    )


def _list() -> rx.Component:
    rows = rx.fragment(
        table(
            "Name",
            "Owner",
            "Scopes",
            "Made",
            "Expires",
            "Last used",
            "State",
            "",
            rows=rx.foreach(TokensState.rows, _row),
            label="Tokens",
        ),
        rx.cond(TokensState.more, _button("Older", TokensState.page_back)),
    )
    return panel(
        rx.cond(
            TokensState.rows,
            rows,
            empty("No token was made.", then="A program needs one to act for you."),
        ),
        rx.cond(TokensState.revoking.id, _revocation()),
        title=rx.cond(TokensState.everybody, "Everybody's tokens", "Your tokens"),
        name="tokens",
        tools=(rx.cond(AdminState.can_administer, _whose()),),
    )


def _whose() -> rx.Component:
    def choice(whom: str, label: str, chosen: BrowserVar) -> rx.Component:
        return rx.el.button(
            label,
            type="button",
            on_click=TokensState.show_of(whom),
            aria_pressed=chosen,
        )

    return rx.el.div(
        choice("own", "Yours", rx.cond(TokensState.everybody, "false", "true")),
        choice("everybody", "Everybody's", rx.cond(TokensState.everybody, "true", "false")),
        class_name="segmented",
        role="group",
        aria_label="Whose tokens",
    )


def _row(row: TokenRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.name, scope="row", class_name="wide-text"),
        rx.el.td(row.owner),
        rx.el.td(row.scopes),
        rx.el.td(utc(row.made)),
        rx.el.td(utc(row.expires)),
        rx.el.td(rx.cond(row.used, ago(row.used), "never")),
        rx.el.td(
            rx.match(
                row.state,
                ("live", tag("live", tone="ok")),
                ("idle", tag("owner deactivated", tone="warn")),
                tag(row.state, tone="plain"),
            )
        ),
        rx.el.td(
            rx.cond(
                (row.state == "live") | (row.state == "idle"),
                small_button("Revoke …", TokensState.ask(row.id), of=row.name),
            ),
            class_name="actions",
        ),
    )


def _revocation() -> rx.Component:
    row = TokensState.revoking
    return rx.el.div(
        rx.el.p(
            f"Programs that use {row.name} of {row.owner} are refused at once, and for good.",
        ),
        rx.el.div(
            rx.el.button(
                f"Revoke the token {row.name}",
                type="button",
                class_name="button button-main",
                on_click=TokensState.revoke,
            ),
            _button("Keep it", TokensState.ask("")),
            class_name="row",
        ),
        class_name="form inset",
    )


def _make() -> rx.Component:
    allowed = {
        "read": True,
        "curate": AdminState.can_edit,
        "administer": AdminState.can_administer,
    }
    scopes = [
        rx.cond(may, _scope(name, SCOPES[name]))  # type: ignore[index] # a Scope is its name
        for name, may in allowed.items()
    ]
    return panel(
        rx.el.form(
            field("name", "Name", max_length=100, about="What for: the audit names it."),
            rx.el.fieldset(rx.el.legend("Scopes"), *scopes, class_name="field"),
            rx.el.div(
                rx.el.label("Good for", html_for="days"),
                rx.el.select(
                    *(rx.el.option(label, value=days) for days, label in LIVES.items()),
                    id="days",
                    name="days",
                    default_value="30",
                    class_name="input",
                ),
                class_name="field",
            ),
            rx.el.button("Make the token", type="submit", class_name="button"),
            on_submit=TokensState.make,
            reset_on_submit=True,
            class_name="form form-row",
        ),
        title="Make a token",
        name="make",
    )


def _scope(name: str, about: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox", name=f"scope-{name}", default_checked=name == "read", value="on"
        ),
        rx.el.span(rx.el.code(name), f" – {about}"),
        class_name="check",
    )


def _button(label: str, on_click: Handler) -> rx.Component:
    return rx.el.button(label, type="button", class_name="button", on_click=on_click)
