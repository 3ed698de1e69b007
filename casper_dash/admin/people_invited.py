"""Invitations: who is to come, and a form that asks one more person."""

import reflex as rx

from casper_dash.admin.people_forms import ask, role_field
from casper_dash.admin.people_rows import InvitedRow
from casper_dash.admin.people_state import PeopleState
from casper_dash.admin.tables import small_button, table
from casper_dash.components.forms import field
from casper_dash.components.panels import panel
from casper_dash.components.states import tag
from casper_dash.components.times import utc


def invited() -> rx.Component:
    """Who has not come yet; nothing while there is nobody."""
    return rx.cond(
        PeopleState.invited,
        panel(
            table(
                "Name",
                "E-mail",
                "Role",
                "Link good until",
                "Letter",
                "",
                rows=rx.foreach(PeopleState.invited, _invitation),
                label="Invitations",
            ),
            rx.cond(PeopleState.cancelling.id, _cancellation()),
            title=rx.fragment("Invited, not yet here (", PeopleState.invited_count, ")"),
            name="invited",
        ),
    )


def invite() -> rx.Component:
    """A form for one more person."""
    return panel(
        rx.el.form(
            field("email", "E-mail", type="email", auto_complete="off"),
            field("name", "Name", required=False, max_length=100, auto_complete="off"),
            role_field("invited-role", "Role"),
            rx.el.button("Send the invitation", type="submit", class_name="button"),
            on_submit=PeopleState.invite,
            reset_on_submit=True,
            class_name="form form-row",
        ),
        title="Invite somebody",
        name="invite",
    )


def _invitation(row: InvitedRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.name, scope="row"),
        rx.el.td(row.email),
        rx.el.td(row.role),
        rx.el.td(rx.cond(row.expires, utc(row.expires), "–")),
        rx.el.td(
            rx.cond(row.trouble, tag(row.letter, tone="warn"), row.letter), class_name="wide-text"
        ),
        rx.el.td(
            small_button("Send again", PeopleState.resend(row.id), of=row.email),
            small_button("Cancel …", PeopleState.ask_to_cancel(row.id), of=row.email),
            class_name="actions",
        ),
    )


def _cancellation() -> rx.Component:
    email = PeopleState.cancelling.email
    return ask(
        rx.el.p(f"The link in the letter to {email} is void at once, and nobody is told."),
        name="cancellation",
        verb=f"Withdraw the invitation of {email}",
        on_submit=PeopleState.cancel,
        on_cancel=PeopleState.ask_to_cancel(""),
    )
