"""What proves who one is, changed by its owner: pages without state, with forms to plain routes.

Most of these end the session that the panel's socket came with, and set a new cookie.
"""

from collections.abc import Callable

import reflex as rx

from casper_dash.admin.sign_in import RULES, signing_form, signing_page
from casper_dash.components.forms import field
from casper_dash.components.session import Signing, plain_form


def password_page() -> rx.Component:
    """A new password, for the current one."""
    signing = Signing()
    form = signing_form(
        signing,
        "password",
        _password("current", "Current password"),
        field("new", "New password", type="password", auto_complete="new-password", about=RULES),
        verb="Change the password",
    )
    changed = _done("The password is changed. Your other sessions have ended.", signing)
    return signing_page("Change your password", signing, form=_with_way_back(form), changed=changed)


def second_factor_page() -> rx.Component:
    """A new device and new recovery codes, for the password."""
    signing = Signing()
    form = rx.fragment(
        rx.el.p(
            "A new secret for your authenticator app, and ten new recovery codes. The device and"
            " the codes of now count until you have entered a code of the new one; then all your"
            " sessions end but this."
        ),
        signing_form(
            signing, "second-factor", _password("password", "Password"), verb="Set up a new device"
        ),
    )
    return signing_page("Replace your second factor", signing, form=_with_way_back(form))


def codes_page() -> rx.Component:
    """Ten new recovery codes, for a code of the app."""
    signing = Signing()
    form = rx.fragment(
        rx.el.p("Ten new recovery codes. Those of before count no more, used or not."),
        signing_form(
            signing,
            "recovery-codes",
            field(
                "code",
                "Code",
                auto_complete="one-time-code",
                about="Of your authenticator app, or one of the codes that are left.",
            ),
            verb="Make new codes",
        ),
    )
    return signing_page("New recovery codes", signing, form=_with_way_back(form))


def passkey_page() -> rx.Component:
    """A passkey of this device, for the password."""
    signing = Signing()
    form = rx.fragment(
        rx.el.p("A passkey signs you in by itself, with this device's own lock or a security key."),
        plain_form(
            _password("password", "Password"),
            field(
                "name", "Name of the passkey", max_length=100, about="To tell it from the others."
            ),
            rx.el.button(
                "Add the passkey",
                type="submit",
                class_name="button button-main",
                disabled=signing.busy,
            ),
            on_submit=signing.add_passkey,
        ),
    )
    added = _done("The passkey is added: it can sign you in from now on.", signing)
    return signing_page("Add a passkey", signing, form=_with_way_back(form), added=added)


PAGES: tuple[tuple[str, str, Callable[[], rx.Component]], ...] = (
    ("/account/password", "Change your password", password_page),
    ("/account/second-factor", "Replace your second factor", second_factor_page),
    ("/account/codes", "New recovery codes", codes_page),
    ("/account/passkey", "Add a passkey", passkey_page),
)


def _password(name: str, label: str) -> rx.Component:
    return field(name, label, type="password", auto_complete="current-password")


def _with_way_back(form: rx.Component) -> rx.Component:
    return rx.fragment(form, rx.el.p(rx.el.a("Back to your account", to="/account")))


def _done(words: str, signing: Signing) -> rx.Component:
    # as a new page, not by the router: the next socket has to carry the new cookie
    go_on = rx.el.button("Go on", type="submit", class_name="button button-main")
    return plain_form(rx.el.p(words), go_on, on_submit=signing.finish)
