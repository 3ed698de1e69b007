"""The page that publishes: what would change, who confirmed it, and the way back."""

import reflex as rx

from casper_dash.admin.frame import for_editors, frame
from casper_dash.admin.publish_ask import asking
from casper_dash.admin.publish_rows import CheckRow, EraRow, PublicationRow
from casper_dash.admin.publish_state import REFRESH, PublishState
from casper_dash.admin.tables import small_button, table
from casper_dash.admin.turning import turn
from casper_dash.components.amounts import cspr, integer
from casper_dash.components.browser import BrowserVar
from casper_dash.components.panels import panel, progress_bar
from casper_dash.components.states import empty, skeleton, tag
from casper_dash.components.times import ago

__all__ = ["REFRESH", "page"]

_STATES = {
    "proposed": ("info", "waits for a second person"),
    "approved": ("ok", "can be published"),
    "working": ("info", "is being published"),
    "stalled": ("warn", "its process ended: readers see what they saw"),
    "failed": ("error", "failed: readers see what they saw"),
}
_BY_ERA = ("Era", "Before, CSPR>", "After, CSPR>", "Moves by>")


def page() -> rx.Component:
    """Publish."""
    return frame(
        rx.cond(
            PublishState.loaded,
            rx.fragment(_on_its_way(), _effects(), _earlier(), asking()),
            skeleton("size-panel-m"),
        ),
        title="Publish",
        here="/publish",
        refresh=REFRESH,
    )


def _on_its_way() -> rx.Component:
    return panel(
        rx.cond(PublishState.open.number, _proposal(), _draft()), title="To publish", name="next"
    )


def _draft() -> rx.Component:
    later = rx.cond(
        PublishState.deferred,
        rx.el.p(integer(PublishState.deferred), " deferred, which stay staged", class_name="quiet"),
    )
    return rx.cond(
        PublishState.draft,
        rx.el.div(
            rx.el.p("Staged ", PublishState.draft, class_name="strong"),
            later,
            for_editors(_deed("Request approval", "Propose for publication", "propose")),
            class_name="stack-tight",
        ),
        rx.el.div(
            empty(
                "Nothing is staged.",
                then="Decide on transfers, or stage an unlock schedule: it appears here.",
            ),
            later,
            class_name="stack-tight",
        ),
    )


def _deed(with_second: str, alone: str, what: str) -> rx.Component:
    return rx.el.div(
        rx.el.button(
            rx.cond(PublishState.needs_second, with_second, alone),
            type="button",
            class_name="button button-main",
            on_click=PublishState.ask(what, 0),
        ),
        class_name="row",
    )


def _proposal() -> rx.Component:
    row = PublishState.open
    states = [(name, tag(words, tone=tone)) for name, (tone, words) in _STATES.items()]
    return rx.el.div(
        rx.el.p(
            rx.el.span("Proposal ", row.number, ": ", row.what, " ", class_name="strong"),
            rx.match(row.state, *states, rx.fragment()),
        ),
        rx.el.p("By ", row.by, ", ", ago(row.at), ": ", row.reason, class_name="wide-text"),
        rx.cond(row.confirmed_by, rx.el.p("Confirmed by ", row.confirmed_by)),
        rx.cond(row.state == "working", _progress()),
        rx.cond(row.error, rx.el.p("Last attempt: ", row.error, class_name="wide-text")),
        rx.cond(row.moved_on, rx.el.p(tag("outdated", tone="warn"), " ", row.moved_on)),
        rx.cond(
            (row.state == "proposed") & row.mine,
            rx.el.p("Somebody else has to confirm it.", class_name="quiet"),
        ),
        for_editors(_deeds()),
        class_name="stack-tight",
    )


def _progress() -> rx.Component:
    row = PublishState.open
    return rx.fragment(
        progress_bar(row.per_mille, label="Publication", text=row.progress),
        rx.el.p(row.progress, rx.cond(row.cancelling, " · stops soon", ""), class_name="quiet"),
    )


def _deeds() -> rx.Component:
    row = PublishState.open
    again = rx.cond((row.state == "failed") | (row.state == "stalled"), " again", "")
    return rx.el.div(
        rx.cond(row.can_confirm, _button(f"Confirm proposal {row.number}", "confirm", main=True)),
        rx.cond(
            row.can_publish, _button(f"Publish proposal {row.number}{again}", "publish", main=True)
        ),
        rx.cond(
            row.can_withdraw,
            _button("Withdraw it", "withdraw"),
            rx.cond(row.cancelling, rx.fragment(), _button("Cancel publication", "cancel")),
        ),
        class_name="row",
    )


def _button(label: BrowserVar, what: str, *, main: bool = False) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        class_name="button button-main" if main else "button",
        on_click=PublishState.ask(what, 0),
    )


def _effects() -> rx.Component:
    effects = PublishState.effects
    return rx.fragment(
        panel(
            rx.cond(effects.changes, _summary(), _no_effect()),
            table(
                "What must hold",
                "",
                "Found",
                rows=rx.foreach(effects.checks, _check),
                label="Checks",
            ),
            title="Effect on circulating supply",
            name="effect",
        ),
        rx.cond(
            effects.changes,
            rx.el.div(
                panel(_eras(), title="Era by era", name="eras"),
                panel(
                    rx.cond(
                        effects.biggest,
                        table(*_BY_ERA, rows=rx.foreach(effects.biggest, _era), label="Biggest"),
                        empty("No era jumps.", then="Only eras without a figure get one."),
                    ),
                    title="Biggest changes",
                    name="biggest",
                ),
                class_name="halves",
            ),
        ),
    )


def _no_effect() -> rx.Component:
    return rx.el.p(
        "No era's figure changes. Base: publication ", PublishState.seen, ".", class_name="quiet"
    )


def _summary() -> rx.Component:
    effects = PublishState.effects
    return rx.el.div(
        rx.el.p(effects.moved, class_name="lead"),
        rx.el.p(
            "in the newest era, ",
            effects.newest.era_id,
            ": from ",
            cspr(effects.newest.before),
            " to ",
            cspr(effects.newest.after),
            " CSPR. ",
            integer(effects.eras),
            " eras change, the first is ",
            rx.el.span("era ", effects.first_era, class_name="strong"),
            ". Base: publication ",
            PublishState.seen,
            ".",
        ),
        class_name="stack-tight",
    )


def _check(check: CheckRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(check.name, scope="row", class_name="wide-text"),
        rx.el.td(
            rx.match(
                check.state,
                ("passed", tag("holds", tone="ok")),
                ("warning", tag("warning", tone="warn")),
                tag("stops it", tone="error"),
            )
        ),
        rx.el.td(check.detail, class_name="wide-text"),
    )


def _eras() -> rx.Component:
    return rx.el.div(
        table(*_BY_ERA, rows=rx.foreach(PublishState.eras, _era), label="Era by era"),
        rx.el.div(
            turn("Earlier eras", PublishState.turn_eras(False), off=~PublishState.eras),
            turn("Later eras", PublishState.turn_eras(True), off=~PublishState.more_eras),
            _from_era(),
            class_name="row",
        ),
        class_name="stack-tight",
    )


def _from_era() -> rx.Component:
    return rx.el.form(
        rx.el.label(
            "From era",
            rx.el.input(name="first", id="first", input_mode="numeric", size=8, class_name="input"),
            class_name="check",
        ),
        rx.el.button("Show", type="submit", class_name="button"),
        on_submit=PublishState.show_eras,
        class_name="row",
    )


def _era(era: EraRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(integer(era.era_id), scope="row"),
        rx.el.td(cspr(era.before, decimals=2), class_name="right"),
        rx.el.td(cspr(era.after, decimals=2), class_name="right"),
        rx.el.td(era.moved, class_name="right number"),
    )


def _earlier() -> rx.Component:
    return panel(
        table(
            *("Publication", "Published", "By", "What", "Why", ""),
            rows=rx.foreach(PublishState.published, _publication),
            label="Publications",
        ),
        rx.el.div(
            turn("Newest", PublishState.turn_publications(False), off=PublishState.before < 0),
            turn(
                "Earlier ones",
                PublishState.turn_publications(True),
                off=~PublishState.more_published,
            ),
            class_name="row",
        ),
        title="Publications",
        name="publications",
    )


def _publication(row: PublicationRow) -> rx.Component:
    restore = small_button("Put back …", PublishState.ask("restore", row.id), of=row.id)
    return rx.el.tr(
        rx.el.th(
            row.id,
            " ",
            rx.match(
                row.state,
                ("seen", tag("readers see it", tone="ok")),
                ("rolled_back", tag("rolled back", tone="warn")),
                rx.fragment(),
            ),
            scope="row",
        ),
        rx.el.td(ago(row.at)),
        rx.el.td(row.by, rx.cond(row.confirmed_by, rx.fragment(" and ", row.confirmed_by))),
        rx.el.td(row.what),
        rx.el.td(row.reason, class_name="wide-text"),
        rx.el.td(
            small_button("Evidence …", PublishState.ask_evidence(row.id), of=row.id),
            for_editors(
                rx.cond((row.state != "seen") & ~PublishState.open.number, restore, rx.fragment())
            ),
            class_name="actions",
        ),
    )
