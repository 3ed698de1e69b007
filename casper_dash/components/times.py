"""Times on screen: UTC, and how long ago with the exact time as its title."""

import reflex as rx

from casper_dash.components.browser import BrowserVar, call, hook, var

now = var("now", hook("live", "useNow", "const now = useNow()"), int)


def utc(time: BrowserVar) -> rx.Component:
    """2026-11-24 13:05:12 UTC."""
    return rx.el.time(call("format", "utc", time), date_time=time, class_name="number")


def clock(time: BrowserVar) -> rx.Component:
    """13:05:12, its title the whole time; for tables whose header says UTC."""
    title = call("format", "utc", time)
    return rx.el.time(
        call("format", "clock", time), date_time=time, title=title, class_name="number"
    )


def ago(time: BrowserVar) -> rx.Component:
    """12 s ago, counting."""
    title = call("format", "utc", time)
    text = call("format", "ago", time, now)
    return rx.el.time(text, date_time=time, title=title, class_name="number")
