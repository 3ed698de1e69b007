"""Overview's first row: the newest block, the running era, and how complete the data are."""

from typing import Any

import reflex as rx

from casper_dash.components.amounts import integer
from casper_dash.components.api import Resource
from casper_dash.components.browser import BrowserVar, call
from casper_dash.components.hashes import short_hash
from casper_dash.components.network import is_at_head, network
from casper_dash.components.panels import progress_bar
from casper_dash.components.states import empty, loaded, sandbox_tag, skeleton, stale_tag
from casper_dash.components.times import ago, clock, now, utc

_newest = network.data.newest
_head = network.data.head


def now_panel(eras: Resource) -> rx.Component:
    """`eras`: the newest eras, of which the first may be running."""
    return rx.el.section(
        rx.el.h2("Right now", class_name="hidden"),
        loaded(
            network,
            rx.el.div(_newest_block(), _running_era(eras), _completeness(), class_name="now"),
            skeleton=rx.el.div(*(skeleton("size-now") for _ in range(3)), class_name="now"),
            what="The network's state",
        ),
        class_name="now-section",
        id="now",
    )


def _cell(title: str | rx.Component, *content: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.el.h3(title), sandbox_tag(), stale_tag(network), class_name="figure-label"),
        *content,
        class_name="panel now-cell",
    )


def _newest_block() -> rx.Component:
    return _cell(
        "Newest block",
        rx.cond(
            _newest,
            rx.fragment(
                rx.el.p(integer(_newest.height), class_name="lead", id="newest-height"),
                rx.el.p(ago(_newest.timestamp), " · ", utc(_newest.timestamp), class_name="quiet"),
                rx.el.p(short_hash(_newest.hash, what="the block hash"), class_name="quiet"),
            ),
            empty("No block is held yet.", then="Crawling has just begun; the first appears here."),
        ),
    )


def _running_era(eras: Resource) -> rx.Component:
    progress = call("era", "progress", eras.data.data, _newest, now).to(dict[str, Any])
    return _cell(
        rx.cond(is_at_head, "Running era", "Era of the newest block"),
        loaded(
            eras,
            rx.cond(progress, _progress(progress), _between_eras()),
            skeleton=skeleton("size-era"),
            what="The era",
        ),
    )


def _between_eras() -> rx.Component:
    return empty("No era is running in the data held.", then="The next block opens one.")


def _progress(era: BrowserVar) -> rx.Component:
    known = era["expected"]
    return rx.fragment(
        rx.el.p(
            integer(era["id"]),
            rx.cond(known, rx.el.span("≈ ", era["share"], " %", class_name="lead-share")),
            class_name="lead",
        ),
        progress_bar(
            rx.cond(known, era["share"].to(int) * 10, 0).to(int),
            label="Progress of the running era",
            text=rx.cond(known, f"about {era['share']} %", "unknown").to(str),
        ),
        rx.el.p(
            integer(era["blocks"]),
            rx.cond(era["expected"], rx.fragment(" of ≈ ", integer(era["expected"]))),
            " blocks",
            rx.cond(era["ends"] & is_at_head, _estimated_end(era)),
            class_name="quiet",
        ),
    )


def _estimated_end(era: BrowserVar) -> rx.Component:
    return rx.fragment(
        rx.cond(era["remainingMs"].to(int) > 0, " · ends ≈ ", " · was to end ≈ "),
        clock(era["ends"]),
        " UTC",
        rx.cond(
            era["remainingMs"].to(int) > 0,
            rx.fragment(" (in ", call("format", "duration", era["remainingMs"]), ")"),
        ),
    )


def _completeness() -> rx.Component:
    share = call("era", "heldShare", network.data).to(float)
    return _cell(
        "Data",
        rx.el.p(
            rx.match(
                network.data.state,
                ("at_head", rx.cond(network.data.missing_blocks > 0, "At the head", "Complete")),
                ("catching_up", "Catching up"),
                ("paused", "Paused"),
                ("chain_halted", "Chain halted"),
                ("failed", "Crawler failed"),
                "Unknown state",
            ),
            rx.cond(share < 100, rx.el.span(share, " %", class_name="lead-share")),
            class_name="lead",
            id="state",
        ),
        progress_bar(
            (share * 10).to(int),
            label="Blocks held",
            text=rx.Var.create(f"{share} % of blocks held"),
            whole=share == 100,
        ),
        rx.el.p(_explanation(), class_name="quiet"),
    )


def _explanation() -> rx.Component:
    """What the state means and what follows from it, in one sentence."""
    return rx.match(
        network.data.state,
        ("at_head", _at_head()),
        ("catching_up", _behind()),
        ("paused", rx.fragment(_paused(), _behind())),
        (
            "chain_halted",
            rx.fragment("The network made its last block ", ago(_head.timestamp), ". ", _at_head()),
        ),
        (
            "failed",
            rx.fragment("The crawler stopped; figures stay as of the newest block. ", _behind()),
        ),
        rx.fragment(),
    )


def _paused() -> rx.Component:
    """By whom and when, where somebody ordered it."""
    return rx.cond(
        network.data.paused_at,
        rx.fragment(
            "Paused by ", network.data.paused_by, " ", ago(network.data.paused_at.to(str)), ". "
        ),
        "Crawling was paused. ",
    )


def _at_head() -> rx.Component:
    return rx.cond(
        network.data.missing_blocks > 0,
        _missing(),
        rx.fragment("All ", integer(network.data.held), " blocks up to it are held."),
    )


def _behind() -> rx.Component:
    return rx.fragment(
        rx.cond(
            _head,
            rx.fragment(
                integer(network.data.lag_blocks),
                " behind the head at ",
                integer(_head.height),
                ". ",
            ),
        ),
        _missing(),
    )


def _missing() -> rx.Component:
    return rx.fragment(
        integer(network.data.missing_blocks),
        " of ",
        integer(network.data.expected),
        " blocks are still missing.",
    )
