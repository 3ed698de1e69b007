"""One transfer in full: its sides, what was decided about it and why, and the talk about it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import reflex as rx
from sqlmodel import Session

from casper_dash.admin.database import write
from casper_dash.admin.frame import for_editors
from casper_dash.admin.review_dialog import sides, status_tag
from casper_dash.admin.review_rows import Place, TransferRow, place_of, transfer_row
from casper_dash.admin.review_state import ReviewState
from casper_dash.admin.state import AdminState, Mistake
from casper_dash.admin.tables import table
from casper_dash.admin.words import iso
from casper_dash.auth.roles import Role
from casper_dash.components.amounts import cspr, integer
from casper_dash.components.browser import BrowserVar
from casper_dash.components.dialogs import modal
from casper_dash.components.forms import field
from casper_dash.components.states import empty
from casper_dash.components.times import ago, utc
from casper_dash.decisions.comments import MOST_CHARACTERS, comment, comments_on
from casper_dash.decisions.errors import Refused
from casper_dash.decisions.history import published_past, staged_past
from casper_dash.decisions.review import reviewed

_NONE = TransferRow()
_PUBLISHED = {True: "approved", False: "rejected", None: "put back to undecided"}


@dataclass(frozen=True)
class PastRow:
    """What was done to the transfer, in the draft or by a publication."""

    at: str = ""
    what: str = ""
    by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class SaidRow:
    """A comment."""

    by: str = ""
    at: str = ""
    text: str = ""


@dataclass(frozen=True)
class Opened:
    """Everything about one transfer; `row.key` is "" while none is open."""

    row: TransferRow = _NONE
    deploy: str = ""
    source: str = ""
    target: str = ""
    past: list[PastRow] | None = None
    said: list[SaidRow] | None = None


class DrawerState(AdminState):
    """The transfer that is open."""

    opened: Opened = Opened()
    told: int = 0
    """Counts comments, so that the field is empty after each."""

    @rx.event
    async def open_drawer(self, key: str) -> None:
        """Opens a transfer."""
        await self.require(Role.VIEWER)
        self.opened = await self.look(partial(_read, place=place_of(key)))

    @rx.event
    async def close_drawer(self) -> None:
        """Closes it."""
        await self.require(Role.VIEWER)
        self.opened = Opened()

    @rx.event
    async def say_comment(self, form: dict[str, Any]) -> None:
        """Adds to the talk about the open transfer."""
        person = await self.require(Role.EDITOR)
        place, text = place_of(self.opened.row.key), form.get("text")
        words = text if isinstance(text, str) else ""
        now = datetime.now(UTC)
        try:
            await self._in_thread(
                partial(write, partial(comment, place=place, text=words, by=person.actor, now=now))
            )
        except Refused as error:
            raise Mistake(f"{error}.") from error
        self.told += 1
        self.opened = await self.look(partial(_read, place=place))


_opened: BrowserVar = DrawerState.opened
_told: BrowserVar = DrawerState.told


def _read(session: Session, place: Place) -> Opened:
    found = reviewed(session, [place])
    if not found:
        raise Mistake("There is no such transfer.")
    row = found[0]
    staged = [
        PastRow(iso(step.at), f"{step.decision} (step {step.number})", step.by, step.reason)
        for step in staged_past(session, place)
    ]
    published = [
        PastRow(
            iso(one.published_at),
            f"{_PUBLISHED[one.approved]} (publication {one.publication})",
            one.decided_by or "",
            one.reason or "",
        )
        for one in published_past(session, place)
    ]
    return Opened(
        row=transfer_row(row),
        deploy=row.deploy_hash,
        source=row.source,
        target=row.target,
        past=sorted(staged + published, key=lambda one: one.at, reverse=True),
        said=[SaidRow(one.by, iso(one.at), one.text) for one in comments_on(session, place)],
    )


def drawer() -> rx.Component:
    """Slides over the page while a transfer is open."""
    row = _opened.row
    return modal(
        rx.el.div(
            rx.el.h2("Transfer ", row.key),
            rx.el.button(
                "Close",
                type="button",
                class_name="button",
                on_click=DrawerState.close_drawer,
                custom_attrs={"data-focus": ""},
            ),
            class_name="row bar-apart",
        ),
        _facts(),
        _others("Show all of its sender", _opened.row.from_hash),
        rx.el.h3("History"),
        _past(),
        rx.el.h3("Comments"),
        _talk(),
        shown=row.key != "",
        label="Transfer",
        on_close=DrawerState.close_drawer,
        class_name="drawer",
    )


def _facts() -> rx.Component:
    opened = _opened
    return rx.el.dl(
        _fact("Amount", rx.fragment(cspr(opened.row.amount, decimals=9), " CSPR")),
        _fact("From → to", sides(opened.row)),
        _fact("When", rx.fragment(utc(opened.row.at), ", era ", integer(opened.row.era))),
        _fact("Hop", opened.row.hop),
        _fact("Status", status_tag(opened.row)),
        _fact("Transaction", rx.el.code(opened.deploy)),
        _fact("From purse", rx.el.code(opened.source)),
        _fact("To purse", rx.el.code(opened.target)),
        class_name="facts",
    )


def _others(words: str, account: str) -> rx.Component:
    shown = [ReviewState.narrow({"account": account}), DrawerState.close_drawer]
    return rx.el.button(words, type="button", class_name="button", on_click=shown)


def _fact(name: str, value: Any) -> rx.Component:
    return rx.fragment(rx.el.dt(name), rx.el.dd(value))


def _past() -> rx.Component:
    rows = rx.foreach(_opened.past, _past_row)
    return rx.cond(
        _opened.past,
        table("When", "What", "Who", "Reason", rows=rows, label="History"),
        empty("Nobody decided on it yet.", then="Its history begins with the first decision."),
    )


def _past_row(row: PastRow) -> rx.Component:
    return rx.el.tr(
        rx.el.td(ago(row.at)),
        rx.el.td(row.what),
        rx.el.td(row.by),
        rx.el.td(row.reason, class_name="wide-text"),
    )


def _talk() -> rx.Component:
    form = rx.el.form(
        field("text", "Comment", id="comment-text", max_length=MOST_CHARACTERS),
        rx.el.button("Add the comment", type="submit", class_name="button"),
        on_submit=DrawerState.say_comment,
        class_name="form",
        key=_told.to_string(),
    )
    return rx.fragment(
        rx.el.ul(rx.foreach(_opened.said, _said), class_name="talk"), for_editors(form)
    )


def _said(row: SaidRow) -> rx.Component:
    head = rx.el.p(rx.el.strong(row.by), " ", ago(row.at), class_name="quiet")
    return rx.el.li(head, rx.el.p(row.text))
