"""Overview's newest blocks: they follow the chain until the reader pauses them."""

import reflex as rx

from casper_dash.components.api import resource
from casper_dash.components.blocks import block_strip, block_table
from casper_dash.components.browser import hook, var
from casper_dash.components.icons import icon
from casper_dash.components.network import newest_block, to_newest_block
from casper_dash.components.panels import panel
from casper_dash.components.rows import Block, Blocks
from casper_dash.components.states import empty, loaded, sandbox_tag, skeleton, stale_tag

_IN_STRIP = 60
_IN_TABLE = 12
_FIELDS = "height,hash,era_id,timestamp,proposer,switch,deploys,transfers"

_blocks = resource(
    "blocks",
    rx.Var.create(f"/api/v1/blocks?limit={_IN_STRIP}&fields={_FIELDS}{to_newest_block}"),
    Blocks,
    version=newest_block,
)
_follow = hook(
    "live",
    "usePausable",
    'const followed = usePausable("blocks", blocks.data?.data ?? null)',
    reads=_blocks.data,
)
_shown = var("followed.value", _follow, list[Block])
_paused = var("followed.paused", _follow, bool)
_toggle = var("followed.toggle", _follow, rx.EventChain)


def newest_blocks() -> rx.Component:
    """The strip and the table, with one button that stops both."""
    return panel(
        loaded(
            _blocks,
            rx.cond(_shown.length() > 0, _lists(), _no_blocks()),
            skeleton=skeleton("size-blocks"),
            what="The newest blocks",
        ),
        title="Newest blocks",
        tools=(sandbox_tag(), stale_tag(_blocks), _pause_button()),
        name="blocks",
    )


def _lists() -> rx.Component:
    return rx.el.div(block_strip(_shown), block_table(_shown[:_IN_TABLE]))


def _no_blocks() -> rx.Component:
    return empty("No block is held yet.", then="Blocks appear here as they are crawled.")


def _pause_button() -> rx.Component:
    return rx.el.button(
        rx.cond(_paused, icon("play"), icon("halt")),
        rx.cond(_paused, "Resume", "Pause"),
        type="button",
        class_name="button button-small",
        aria_pressed=_paused,
        on_click=_toggle,
    )
