"""Users & sessions: who may sign in, who is to come, and who is signed in where."""

import reflex as rx

from casper_dash.admin.frame import frame
from casper_dash.admin.people_forms import ask, role_field
from casper_dash.admin.people_invited import invite, invited
from casper_dash.admin.people_rows import PersonRow
from casper_dash.admin.people_sessions import sessions_table
from casper_dash.admin.people_state import PeopleState
from casper_dash.admin.state import AdminState
from casper_dash.admin.tables import small_button, table
from casper_dash.components.browser import BrowserVar, Handler
from casper_dash.components.icons import icon
from casper_dash.components.panels import panel
from casper_dash.components.states import empty, skeleton, tag
from casper_dash.components.times import ago

REFRESH = PeopleState.refresh


def page() -> rx.Component:
    """Users & sessions."""
    shown = rx.fragment(_people(), rx.cond(PeopleState.chosen.id, _person()), invited(), invite())
    return frame(
        for_administrators(rx.cond(PeopleState.loaded, shown, skeleton("size-panel-m"))),
        title="Users & sessions",
        here="/people",
        refresh=REFRESH,
    )


def for_administrators(content: rx.Component) -> rx.Component:
    """What others do not see; they are told so."""
    others = empty(
        "This page needs the role administrator.",
        then="It shows people's addresses. An administrator can give you another role.",
    )
    # the role is known once the page was asked for the first time
    return rx.cond(
        AdminState.can_administer,
        content,
        rx.cond(AdminState.person_role, others, skeleton("size-panel-m")),
    )


def _people() -> rx.Component:
    return panel(
        table(
            "Name",
            "E-mail",
            "Role",
            "Second factor",
            "Last seen",
            "Sessions>",
            "State",
            "",
            rows=rx.foreach(PeopleState.rows, _row),
            label="People",
        ),
        title="People",
        name="people",
    )


def _row(row: PersonRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            row.name, rx.cond(row.own, rx.fragment(" ", tag("you", tone="info"))), scope="row"
        ),
        rx.el.td(row.email),
        rx.el.td(row.role),
        rx.el.td(row.factor),
        rx.el.td(rx.cond(row.seen, ago(row.seen), "–")),
        rx.el.td(row.sessions, class_name="number right"),
        rx.el.td(_state(row.state)),
        rx.el.td(
            small_button("Open", PeopleState.open_person(row.id), of=row.name),
            class_name="actions",
        ),
    )


def _state(state: BrowserVar) -> rx.Component:
    return rx.cond(state == "active", tag("active", tone="ok"), tag(state, tone="warn"))


def _person() -> rx.Component:
    chosen = PeopleState.chosen
    return panel(
        rx.el.p(chosen.email, " · ", chosen.role, " · ", _state(chosen.state)),
        rx.cond(chosen.guard, rx.el.p(icon("alert"), chosen.guard, class_name="said said-warn")),
        rx.el.div(
            rx.cond(chosen.state == "active", _deeds(), _button("Reactivate …", "reactivate")),
            class_name="row",
        ),
        rx.match(
            PeopleState.asking,
            ("role", _new_role()),
            ("factor", _new_factor()),
            ("deactivate", _deactivation()),
            ("reactivate", _reactivation()),
            rx.fragment(),
        ),
        _sessions(),
        title=chosen.name,
        name="person",
        tools=(
            rx.el.button(
                "Close", type="button", class_name="button", on_click=PeopleState.close_person
            ),
        ),
    )


def _deeds() -> rx.Component:
    chosen = PeopleState.chosen
    own_account = rx.el.a("Change your own password and device", to="/account", class_name="button")
    others = rx.fragment(
        _plain("Send a password reset", PeopleState.send_reset),
        _button("Reset second factor …", "factor"),
    )
    guarded = rx.fragment(_button("Change role …", "role"), _button("Deactivate …", "deactivate"))
    return rx.fragment(
        rx.cond(chosen.guard, rx.fragment(), guarded), rx.cond(chosen.own, own_account, others)
    )


def _button(label: str, what: str) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        class_name="button",
        on_click=PeopleState.ask(what),
        aria_expanded=rx.cond(PeopleState.asking == what, "true", "false"),
    )


def _plain(label: str, on_click: Handler) -> rx.Component:
    return rx.el.button(label, type="button", class_name="button", on_click=on_click)


def _new_role() -> rx.Component:
    chosen = PeopleState.chosen
    effects = rx.cond(
        PeopleState.effects,
        rx.el.ul(rx.foreach(PeopleState.effects, rx.el.li), class_name="effects"),
        rx.el.p("Choose another role to see what it changes.", class_name="quiet"),
    )
    return ask(
        role_field(
            "new-role",
            "New role",
            default_value=chosen.role,
            on_change=PeopleState.choose_role,
        ),
        rx.el.div(effects, role="status"),
        name="change-role",
        verb=f"Change the role of {chosen.name}",
        on_submit=PeopleState.change_role,
        on_cancel=PeopleState.ask(""),
    )


def _new_factor() -> rx.Component:
    chosen = PeopleState.chosen
    return ask(
        rx.el.p(
            f"{chosen.name}'s app, recovery codes, password and"
            f" {_count(chosen.passkeys, 'passkey')} count no more;"
            f" {_count(chosen.sessions, 'session')} will end. A letter to {chosen.email} lets them"
            " choose a password; signing in then enrols a new device.",
        ),
        name="reset-factor",
        verb=f"Reset the second factor of {chosen.name}",
        on_submit=PeopleState.reset_factor,
        on_cancel=PeopleState.ask(""),
    )


def _deactivation() -> rx.Component:
    chosen = PeopleState.chosen
    return ask(
        rx.el.p(
            f"{chosen.name} is out at once: {_count(chosen.sessions, 'session')} will"
            f" end, {_count(chosen.tokens, 'token')} will be worth nothing, links in letters are"
            " void. What they did stays in the audit. You can reactivate them later.",
        ),
        name="deactivation",
        verb=f"Deactivate {chosen.name}",
        on_submit=PeopleState.deactivate,
        on_cancel=PeopleState.ask(""),
    )


def _reactivation() -> rx.Component:
    chosen = PeopleState.chosen
    return ask(
        rx.el.p(
            f"{chosen.name} may sign in again as {chosen.role}, with the password and second"
            f" factor of before; {_count(chosen.tokens, 'token')} will count again.",
        ),
        name="reactivation",
        verb=f"Reactivate {chosen.name}",
        on_submit=PeopleState.reactivate,
        on_cancel=PeopleState.ask(""),
    )


def _count(count: BrowserVar, noun: str) -> BrowserVar:
    return rx.cond(count == 1, f"1 {noun}", f"{count} {noun}s")


def _sessions() -> rx.Component:
    return rx.el.section(
        rx.el.h3("Sessions"),
        rx.cond(
            PeopleState.sessions,
            rx.fragment(
                sessions_table(PeopleState.sessions, PeopleState.revoke),
                rx.el.div(
                    _plain(
                        f"Revoke all sessions of {PeopleState.chosen.name} but the one you use",
                        PeopleState.revoke_all,
                    ),
                    class_name="row",
                ),
            ),
            rx.el.p("Not signed in anywhere.", class_name="quiet"),
        ),
        class_name="stack-tight",
    )
