"""What a panel shows when it has nothing to show yet, nothing at all, or no connection."""

from typing import Any

import reflex as rx

from casper_dash.components.api import Resource
from casper_dash.components.browser import call
from casper_dash.components.icons import icon
from casper_dash.components.network import is_sandbox, network


def loaded(
    source: Resource, content: rx.Component, *, skeleton: rx.Component, what: str
) -> rx.Component:
    """`content` once the resource has data, however old; until then a skeleton or the failure.

    `skeleton` has the content's size, so that nothing moves; `what` completes "… cannot be
    shown".
    """
    return rx.cond(
        source.data, content, rx.cond(source.error, failure(source, what=what), skeleton)
    )


def failure(source: Resource, *, what: str) -> rx.Component:
    """What failed, at which address, with what answer, and a button to try again."""
    return rx.el.div(
        icon("offline"),
        rx.el.p(f"{what} cannot be shown: ", source.error["detail"], ".", class_name="strong"),
        rx.el.p(
            rx.el.code(source.error["path"]),
            rx.cond(source.error["code"], rx.fragment(" answered ", source.error["code"])),
            rx.cond(source.error["requestId"], rx.fragment(" · id ", source.error["requestId"])),
            ". It is asked again by itself.",
            class_name="quiet",
        ),
        rx.el.button("Retry now", type="button", class_name="button", on_click=source.retry),
        class_name="notice notice-error",
    )


def empty(why: str, *, then: str) -> rx.Component:
    """Nothing there: why, and what happens or can be done next."""
    return rx.el.div(
        rx.el.p(why, class_name="strong"), rx.el.p(then, class_name="quiet"), class_name="notice"
    )


def skeleton(size: str) -> rx.Component:
    """A grey stand-in; `size` is a class that gives it the content's size."""
    return rx.el.div(class_name=f"skeleton {size}", aria_hidden="true")


def stale_tag(source: Resource) -> rx.Component:
    """Marks data that outlived the connection, with the time of the last good answer."""
    tag = rx.el.span(
        "stale · ",
        call("format", "clock", source.at),
        " UTC",
        class_name="tag tag-warn",
        title="The API does not answer; these are its last good data.",
    )
    return rx.cond(source.data & (source.stale | network.stale), tag)


def tag(text: Any, *, tone: str, title: str = "") -> rx.Component:
    """A small label; `tone` is "ok", "warn", "error", "info" or "plain"."""
    return rx.el.span(text, title=title, class_name=f"tag tag-{tone}")


def sandbox_tag() -> rx.Component:
    """Stands beside whatever the sandbox invented; nothing on any other network."""
    return rx.cond(is_sandbox, tag("sandbox", tone="warn", title="Invented data of a test network"))
