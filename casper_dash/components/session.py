"""The browser's half of signing in and out, by plain routes: a socket can set no cookie."""

import json

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML  # type: ignore[import-untyped]

from casper_dash.components.browser import BrowserVar, call, hook, var

sign_out = call("session", "signOut").to(rx.EventChain)
"""A click handler."""


class Signing:
    """A page's form and where it stands. `look_at`: the route that says whom a link is for."""

    def __init__(self, look_at: str = "") -> None:
        self._needs = hook(
            "session", "useSigning", f"const signing = useSigning({json.dumps(look_at)})"
        )
        self.step = self._var("step")
        self.busy = self._var("busy", bool)
        self.error = self._var("error")
        self.token = self._var("token")
        self.use_passkey = self._var("usePasskey").to(rx.EventChain)
        self.finish = self._var("finish")
        self.add_passkey = self._var("addPasskey")

    def answer(self, field: str) -> BrowserVar:
        """A text of the last answer."""
        return self._var(f"answer.{field}")

    def codes(self) -> BrowserVar:
        """The recovery codes of the last answer."""
        return self._var("answer.recovery_codes", list[str])

    def send(self, route: str) -> BrowserVar:
        """The submit handler of a `plain_form`."""
        return self._var(f"send({json.dumps(route)})")

    def _var(self, part: str, kind: type = str) -> BrowserVar:
        return var(f"signing.{part}", self._needs, kind)


class _PlainForm(BaseHTML):  # type: ignore[misc]
    """Reflex's own form puts its handler in the place of any other."""

    tag = "form"


def plain_form(*content: rx.Component, on_submit: BrowserVar) -> rx.Component:
    """A form whose submit handler is the browser's own."""
    return _PlainForm.create(*content, class_name="form", custom_attrs={"onSubmit": on_submit})


def picture(svg: BrowserVar) -> BrowserVar:
    """The address of an SVG as an image."""
    return call("session", "picture", svg)


def text_file(lines: BrowserVar) -> BrowserVar:
    """The address of these lines as a file."""
    return call("session", "textFile", lines)
