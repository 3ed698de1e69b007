"""Numbers on screen. Amounts come as strings of motes and never become floats."""

import reflex as rx

from casper_dash.components.browser import BrowserVar, call


def cspr(motes: BrowserVar, *, decimals: int = 0) -> rx.Component:
    """An amount in CSPR, grouped; its title is exact, in CSPR and motes."""
    return _exact(call("format", "cspr", motes, decimals), motes)


def compact_cspr(motes: BrowserVar) -> rx.Component:
    """An amount in CSPR with four significant digits (13.09 B); its title is exact."""
    return _exact(call("format", "compactCspr", motes), motes)


def integer(number: BrowserVar) -> rx.Component:
    """A whole number grouped by thin spaces; "–" when it is not known."""
    return rx.el.span(call("format", "integer", number), class_name="number")


def percent(part: BrowserVar, whole: BrowserVar) -> rx.Component:
    """`part` of `whole`, both exact, as "96.6 %"."""
    return rx.el.span(call("format", "percent", part, whole), class_name="number")


def delta(now: BrowserVar, before: BrowserVar, *, kind: str = "count") -> rx.Component:
    """The change between two values with arrow and sign; `kind` is "count" or "cspr"."""
    difference = call("format", "change", now, before)
    return rx.el.span(call("format", "delta", difference, kind), class_name="number delta")


def _exact(text: BrowserVar, motes: BrowserVar) -> rx.Component:
    return rx.el.span(text, title=call("format", "exactCspr", motes), class_name="number")
