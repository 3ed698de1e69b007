"""Sessions as rows: where somebody is signed in, with what, since when."""

import re
from dataclasses import dataclass

import reflex as rx

from casper_dash.admin.tables import small_button, table
from casper_dash.admin.words import iso
from casper_dash.auth.sessions import Listed
from casper_dash.components.browser import BrowserVar, Handler
from casper_dash.components.states import tag
from casper_dash.components.times import ago, utc

# each names itself beside those that it descends from, so the order is the point
_BROWSERS = {
    "Edge": r"Edg\w*/(\d+)",
    "Opera": r"OPR/(\d+)",
    "Firefox": r"(?:Firefox|FxiOS)/(\d+)",
    "Chromium": r"(?:Chrom\w*|CriOS)/(\d+)",
    "Safari": r"Version/(\d+)\S* (?:Mobile/\S+ )?Safari/",
}
_SYSTEMS = {
    "Android": "Android",
    "iOS": "iPhone|iPad",
    "Windows": "Windows",
    "macOS": "Mac OS X|Macintosh",
    "Linux": "Linux|X11",
}


@dataclass(frozen=True)
class SessionRow:
    """A session that has not ended."""

    id: str = ""
    device: str = ""
    agent: str = ""
    """What the browser calls itself, whole."""
    address: str = ""
    since: str = ""
    seen: str = ""
    ends: str = ""
    own: bool = False
    """It is the one that looks at this page."""


def session_row(listed: Listed, own_id: str) -> SessionRow:
    """A row; `own_id` is the session that asks."""
    return SessionRow(
        id=listed.id,
        device=device_name(listed.device),
        agent=listed.device,
        address=listed.address or "unknown",
        since=iso(listed.created_at),
        seen=iso(listed.last_seen_at),
        ends=iso(listed.expires_at),
        own=listed.id == own_id,
    )


def device_name(agent: str) -> str:
    """ "Firefox 140 on Linux" of what a browser calls itself; the beginning of anything else."""
    system = next((name for name, form in _SYSTEMS.items() if re.search(form, agent)), "")
    for name, form in _BROWSERS.items():
        if found := re.search(form, agent):
            return f"{name} {found[1]}" + (f" on {system}" if system else "")
    return agent[:40] or "unknown"


def sessions_table(rows: BrowserVar, revoke: Handler) -> rx.Component:
    """Sessions as they come, each with a button that ends it."""

    def row(session: SessionRow) -> rx.Component:
        return rx.el.tr(
            rx.el.th(
                session.device,
                rx.cond(session.own, rx.fragment(" ", tag("this one", tone="info"))),
                scope="row",
                title=session.agent,
            ),
            rx.el.td(session.address, class_name="number"),
            rx.el.td(utc(session.since)),
            rx.el.td(ago(session.seen)),
            rx.el.td(utc(session.ends)),
            rx.el.td(
                small_button("Revoke", revoke(session.id), of=session.device), class_name="actions"
            ),
        )

    return table(
        "Device",
        "Address",
        "Since",
        "Last used",
        "Ends at the latest",
        "",
        rows=rx.foreach(rows, row),
        label="Sessions",
    )
