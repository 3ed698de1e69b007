"""Signing in, first activation, and reset: pages without state, whose forms go to plain routes."""

from collections.abc import Callable

import reflex as rx

from casper_dash.components.forms import field, hidden
from casper_dash.components.frame import logo
from casper_dash.components.icons import icon
from casper_dash.components.session import Signing, picture, plain_form, text_file
from casper_dash.components.theme import theme_switch

RULES = "12 to 128 characters, none of the common ones. A sentence is good; so is a manager's."


def sign_in_page() -> rx.Component:
    """E-mail, password and code, or a passkey."""
    signing = Signing()
    form = rx.fragment(
        signing_form(
            signing,
            "sign-in",
            field("email", "E-mail", type="email", auto_complete="username"),
            field("password", "Password", type="password", auto_complete="current-password"),
            field(
                "code",
                "Code",
                auto_complete="one-time-code",
                required=False,
                about="Of your authenticator app, or a recovery code if the device is lost.",
            ),
            verb="Sign in",
        ),
        rx.el.button(
            "Use a passkey",
            type="button",
            class_name="button",
            on_click=signing.use_passkey,
            disabled=signing.busy,
        ),
        rx.el.p(rx.el.a("Forgot the password?", to="/reset"), class_name="quiet"),
    )
    return signing_page("Sign in", signing, form=form)


def activate_page() -> rx.Component:
    """From an invitation's link to a second factor and recovery codes."""
    signing = Signing("activation/look")
    invited = rx.fragment(
        rx.el.p(
            "You are invited as ",
            signing.answer("role"),
            ": ",
            rx.el.strong(signing.answer("email")),
        ),
        signing_form(
            signing,
            "activation",
            hidden("token", signing.token),
            field("name", "Your name, as others see it", auto_complete="name", required=False),
            field(
                "password",
                "New password",
                type="password",
                auto_complete="new-password",
                about=RULES,
            ),
            verb="Go on",
        ),
    )
    return signing_page(
        "Activate your account", signing, form=rx.el.p("Looking at the link…"), invited=invited
    )


def reset_page() -> rx.Component:
    """Asks for a link, or takes the new password of whoever came by one."""
    signing = Signing()
    ask = signing_form(
        signing,
        "reset/request",
        field("email", "E-mail", type="email", auto_complete="username"),
        verb="Send me a link",
    )
    change = signing_form(
        signing,
        "reset",
        hidden("token", signing.token),
        field(
            "password", "New password", type="password", auto_complete="new-password", about=RULES
        ),
        verb="Set the password",
    )
    return signing_page("Reset your password", signing, form=rx.cond(signing.token, change, ask))


PAGES: tuple[tuple[str, str, Callable[[], rx.Component]], ...] = (
    ("/sign-in", "Sign in", sign_in_page),
    ("/activation", "Activate your account", activate_page),
    ("/reset", "Reset your password", reset_page),
)


def signing_page(title: str, signing: Signing, **steps: rx.Component) -> rx.Component:
    """A page that shows the step at which its form stands; `steps` beside and before the common."""
    common = {
        "enrol": _enrolment(signing),
        "codes": _codes(signing),
        "sent": _sent(),
        "changed": _changed(),
        "no-link": _no_link(),
    }
    return rx.el.div(
        rx.el.header(
            rx.el.div(
                rx.el.div(logo(), "Casper Dash", class_name="brand"),
                theme_switch(),
                class_name="bar bar-apart",
            ),
            class_name="top",
        ),
        rx.el.main(
            rx.el.h1(title),
            rx.el.div(
                rx.cond(
                    signing.error,
                    rx.el.p(icon("alert"), signing.error, class_name="said said-error"),
                ),
                role="alert",
            ),
            rx.match(
                signing.step,
                *(common | steps).items(),
                rx.fragment(),
            ),
            id="content",
            tab_index=-1,
            class_name="panel signing",
        ),
        class_name="page panel-page",
    )


def _enrolment(signing: Signing) -> rx.Component:
    return rx.fragment(
        rx.el.h2("Second factor"),
        rx.el.p("Scan this with an authenticator app, then enter the code that it shows."),
        rx.el.img(
            src=picture(signing.answer("qr")),
            alt="QR code of the secret below",
            class_name="qr",
        ),
        rx.el.p("Or type the secret: ", rx.el.code(signing.answer("secret"), class_name="secret")),
        rx.el.p(rx.el.a("Open in an app on this device", href=signing.answer("uri"))),
        signing_form(
            signing,
            "enrolment",
            hidden("enrolment", signing.answer("enrolment")),
            field("code", "Code", auto_complete="one-time-code"),
            verb="Confirm the code",
        ),
    )


def _codes(signing: Signing) -> rx.Component:
    return rx.fragment(
        rx.el.h2("Recovery codes"),
        rx.el.p(
            "Each of them signs you in once without your device. They are shown only now: keep "
            "them where your device is not.",
        ),
        rx.el.ol(
            rx.foreach(signing.codes(), lambda code: rx.el.li(rx.el.code(code))), class_name="codes"
        ),
        rx.el.p(
            rx.el.a(
                "Download as a text file",
                href=text_file(signing.codes()),
                download="casper-dash-recovery-codes.txt",
            )
        ),
        plain_form(
            rx.el.label(
                rx.el.input(type="checkbox", required=True),
                "I have stored them",
                class_name="check",
            ),
            rx.el.button("Finish", type="submit", class_name="button button-main"),
            on_submit=signing.finish,
        ),
    )


def _sent() -> rx.Component:
    return rx.el.p(
        "If the address is known here, a letter with a link is on its way. It is good for a short "
        "while, and once."
    )


def _changed() -> rx.Component:
    return rx.el.p(
        "The password is set, and every session has ended. ", rx.el.a("Sign in", to="/sign-in")
    )


def _no_link() -> rx.Component:
    return rx.el.p(
        "This page is reached by the link of an invitation. Open that link as a whole, with all "
        "that stands behind its #."
    )


def signing_form(signing: Signing, route: str, *fields: rx.Component, verb: str) -> rx.Component:
    """A form that is sent to a plain route."""
    return plain_form(
        *fields,
        rx.el.button(verb, type="submit", class_name="button button-main", disabled=signing.busy),
        on_submit=signing.send(route),
    )
