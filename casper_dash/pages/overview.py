"""Overview: where the chain is, what is in circulation, and what happens right now."""

import reflex as rx

from casper_dash.components.amounts import compact_cspr, cspr, delta, integer, percent
from casper_dash.components.api import api_link, resource
from casper_dash.components.browser import call, var
from casper_dash.components.frame import frame
from casper_dash.components.network import network, newest_block, to_newest_era
from casper_dash.components.panels import figure_card, panel, sparkline, what_is_this
from casper_dash.components.rows import Era, Eras
from casper_dash.components.states import empty, loaded, sandbox_tag, skeleton, stale_tag, tag
from casper_dash.pages.overview_blocks import newest_blocks
from casper_dash.pages.overview_history import history
from casper_dash.pages.overview_now import now_panel

ROUTE = "/"
TITLE = "Overview · Casper Dash"
DESCRIPTION = "Supply, staking, eras and blocks of the Casper network, live and exact."

_SOURCE = rx.Var.create(f"/api/v1/eras?limit=24{to_newest_era}")

figures = resource("figures", _SOURCE, Eras, version=newest_block)
_eras = figures.data.data
_era = call("era", "newestComplete", _eras).to(Era)
_before = call("era", "completeBefore", _eras).to(Era)
_running = call("era", "running", _eras).to(Era)


def page() -> rx.Component:
    """The whole page, the most important things first."""
    return frame(_title(), now_panel(figures), _supply(), history(), newest_blocks(), current=ROUTE)


def _title() -> rx.Component:
    return rx.el.div(
        rx.el.h1(rx.cond(network.data, network.data.title, "Casper network")),
        sandbox_tag(),
        rx.cond(
            network.data.protocol_version,
            rx.el.span("protocol ", network.data.protocol_version, class_name="quiet number"),
        ),
        class_name="title",
    )


def _supply() -> rx.Component:
    return panel(
        loaded(
            figures,
            rx.cond(_era, _figures(), _no_era_yet()),
            skeleton=rx.el.div(
                skeleton("size-headline"), skeleton("size-cards"), class_name="supply"
            ),
            what="The supply",
        ),
        title="Supply and stake",
        tools=(rx.cond(_era, _as_of()), sandbox_tag(), stale_tag(figures)),
        name="supply",
    )


def _as_of() -> rx.Component:
    return rx.el.span("at the end of era ", integer(_era.id), class_name="quiet")


def _no_era_yet() -> rx.Component:
    return empty(
        "No era is complete yet.",
        then="Supply is worked out at the end of an era. It appears here by itself once the first "
        "whole era has been crawled.",
    )


def _figures() -> rx.Component:
    return rx.el.div(_circulating(), rx.el.div(*_cards(), class_name="cards"), class_name="supply")


def _circulating() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h3("Circulating supply"),
            what_is_this(
                "circulating supply",
                rx.el.p(
                    "Approved transfers out of locked accounts + unlocked validator stake + "
                    "released rewards, each summed exactly in motes up to the era's end."
                ),
                rx.el.p("Source: ", api_link("/api/v1/eras/latest", "/api/v1/eras/latest")),
            ),
            _finality(),
            class_name="figure-label",
        ),
        rx.el.p(
            cspr(_era.circulating_supply),
            rx.el.span("CSPR", class_name="unit"),
            class_name="headline",
        ),
        rx.el.p(
            percent(_era.circulating_supply, _era.total_supply),
            " of total ",
            delta(_era.circulating_supply, _before.circulating_supply, kind="cspr"),
            " since the era before",
            class_name="quiet",
        ),
        _parts(),
        class_name="circulating",
    )


def _finality() -> rx.Component:
    return rx.cond(
        _era.final,
        tag("final", tone="ok", title="Every block before this era's end is held."),
        tag(
            "not final",
            tone="warn",
            title="Blocks before this era's end are still missing: the figure can change.",
        ),
    )


_PARTS = {
    "transfers": ("Approved transfers", "circulating_transfers"),
    "unlocks": ("Validator unlocks", "circulating_unlocks"),
    "rewards": ("Released rewards", "circulating_rewards"),
}


def _parts() -> rx.Component:
    """A bar of the total supply's parts, and the same as a list."""
    return rx.fragment(
        rx.el.svg(
            *(_stripe(token, field) for token, (_, field) in _PARTS.items()),
            view_box="0 0 1000 12",
            preserve_aspect_ratio="none",
            class_name="parts",
            custom_attrs={"aria-hidden": "true"},
        ),
        rx.el.dl(
            *(_part(token, label, field) for token, (label, field) in _PARTS.items()),
            class_name="part-list",
        ),
    )


def _stripe(token: str, field: str) -> rx.Component:
    fields = [name for _, name in _PARTS.values()]
    before = [_era[name] for name in fields[: fields.index(field)]]
    return rx.el.rect(
        x=call("format", "perMille", call("format", "sum", *before), _era.total_supply),
        width=call("format", "perMille", _era[field], _era.total_supply),
        height=12,
        class_name=f"fill-{token}",
    )


def _part(token: str, label: str, field: str) -> rx.Component:
    return rx.el.div(
        rx.el.dt(rx.el.span(class_name=f"swatch swatch-{token}"), label),
        rx.el.dd(compact_cspr(_era[field]), class_name="right"),
        rx.el.dd(percent(_era[field], _era.total_supply), class_name="right quiet"),
    )


def _cards() -> list[rx.Component]:
    return [
        figure_card(
            "Total supply",
            compact_cspr(_era.total_supply),
            delta(_era.total_supply, _before.total_supply, kind="cspr"),
            about="The mint's total supply at the end of the era.",
            trend=sparkline(_eras, "total_supply"),
        ),
        figure_card(
            "Staked",
            percent(_stake.weight, _era.total_supply),
            compact_cspr(_stake.weight),
            rx.el.span(" CSPR"),
            about="The running era's validator weight, as a share of the total supply.",
            trend=sparkline(_eras, "weight"),
        ),
        figure_card(
            "Validators",
            integer(_era.validators),
            delta(_era.validators, _before.validators),
            about="Validators paid in the era's switch block.",
            trend=sparkline(_eras, "validators"),
        ),
        figure_card(
            "Delegators",
            integer(_era.delegators),
            delta(_era.delegators, _before.delegators),
            about="Pairs of validator and delegator paid in the era's switch block.",
            trend=sparkline(_eras, "delegators"),
        ),
        figure_card(
            "Transfers in era",
            integer(_era.transfers),
            delta(_era.transfers, _before.transfers),
            about="Native transfers in the era's blocks, successful or not.",
            trend=sparkline(_eras, "transfers"),
        ),
        figure_card(
            "Deploys in era",
            integer(_era.deploys),
            delta(_era.deploys, _before.deploys),
            about="Deploys and transactions in the era's blocks that are not native transfers.",
            trend=sparkline(_eras, "deploys"),
        ),
    ]


# The running era's weight is what is staked now; between two eras the last one's has to do.
_stake = var(f"({_running!s} ?? {_era!s})", _running._get_all_var_data(), Era)
