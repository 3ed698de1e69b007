"""Blocks, newest first: a strip to see the chain's pulse, and a table to read."""

import reflex as rx

from casper_dash.components.amounts import integer
from casper_dash.components.browser import BrowserVar, call
from casper_dash.components.hashes import short_hash
from casper_dash.components.rows import Block
from casper_dash.components.states import tag
from casper_dash.components.times import clock

_COLUMNS = {
    "Height": "right",
    "Time, UTC": "",
    "Era": "right",
    "Transfers": "right",
    "Deploys": "right",
    "Proposer": "",
    "Hash": "",
}


def block_strip(blocks: BrowserVar) -> rx.Component:
    """One mark a block, oldest left: the higher, the fuller; the accent's colour ends an era."""
    return rx.fragment(
        rx.el.ol(
            rx.foreach(call("blocks", "oldestFirst", blocks).to(list[Block]), _mark),
            class_name="strip",
            aria_label="Newest blocks, oldest first",
        ),
        rx.el.p(
            "One mark a block, newest right; the taller, the more transfers and deploys. ",
            rx.el.span(class_name="swatch swatch-switch"),
            "ends its era.",
            class_name="quiet strip-note",
            aria_hidden="true",
        ),
    )


def block_table(blocks: BrowserVar) -> rx.Component:
    """The blocks as rows; a switch block is marked in words."""
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*(_heading(*column) for column in _COLUMNS.items()))),
            rx.el.tbody(rx.foreach(blocks, _row)),
            class_name="block-table",
        ),
        class_name="table-scroll",
        tab_index=0,
        role="region",
        aria_label="Table of the newest blocks",
    )


def _heading(title: str, class_name: str) -> rx.Component:
    return rx.el.th(title, scope="col", class_name=class_name)


def _mark(block: BrowserVar) -> rx.Component:
    text = call("blocks", "describe", block)
    return rx.el.li(
        rx.el.span(text, class_name="hidden"),
        title=text,
        class_name=call("blocks", "markClass", block).to(str),
        key=block.height,
    )


def _row(block: BrowserVar) -> rx.Component:
    return rx.el.tr(
        rx.el.th(integer(block.height), scope="row", class_name="right"),
        rx.el.td(clock(block.timestamp)),
        rx.el.td(
            rx.cond(
                block.switch, tag("switch", tone="info", title="The switch block: it ends its era")
            ),
            integer(block.era_id),
            class_name="right",
        ),
        rx.el.td(integer(block.transfers), class_name="right"),
        rx.el.td(integer(block.deploys), class_name="right"),
        rx.el.td(short_hash(block.proposer, what="the proposer's public key")),
        rx.el.td(short_hash(block.hash, what="the block hash")),
        key=block.height,
    )
