"""Sync and gaps: which heights are held, who fetches the others, and what is to be done again."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import reflex as rx

from casper_dash.admin.frame import for_editors, frame, state_words
from casper_dash.admin.heat import Cell, cell_size, cells
from casper_dash.admin.home_rows import RunRow, run_row
from casper_dash.admin.state import AdminState, Deed, Mistake
from casper_dash.admin.sync_rows import (
    KINDS,
    ClaimRow,
    GapRow,
    claim_row,
    gap_row,
    kind_of,
    order_words,
    read_sync,
    span_of,
)
from casper_dash.admin.tables import runs_table, small_button, table
from casper_dash.admin.words import grouped
from casper_dash.auth.roles import Role
from casper_dash.components.amounts import integer
from casper_dash.components.forms import field
from casper_dash.components.panels import panel, progress_bar
from casper_dash.components.states import empty
from crawler import orders

_GAPS_SHOWN = 50


class SyncState(AdminState):
    """The grid, its list, and an order on its way."""

    loaded: bool = False
    grid: list[Cell] = []
    blocks_a_cell: int = 1
    gaps: list[GapRow] = []
    more_gaps: int = 0
    claims: list[ClaimRow] = []
    eras_per_mille: int = 0
    eras_text: str = ""
    runs: list[RunRow] = []
    first: str = ""
    last: str = ""
    kind: str = "recrawl"
    preview: str = ""
    """What the order would do; "" while there is none to confirm."""

    @rx.event
    async def refresh(self) -> None:
        """Reads everything anew."""
        await self.require(Role.VIEWER, active=False)
        now = datetime.now(UTC)
        seen = await self.look(lambda session: read_sync(session, now))
        first, last = seen.crawl.crawl_from, seen.crawl.crawl_from + seen.crawl.expected - 1
        figures = seen.figures
        done = figures.eras - figures.stale
        self._show(
            loaded=True,
            grid=cells(first, last, seen.crawl.missing) if last >= first else [],
            blocks_a_cell=cell_size(max(last - first + 1, 1)),
            gaps=[gap_row(*gap) for gap in seen.crawl.missing[:_GAPS_SHOWN]],
            more_gaps=max(len(seen.crawl.missing) - _GAPS_SHOWN, 0),
            claims=[claim_row(claim) for claim in seen.claims],
            eras_per_mille=1000 * done // figures.eras if figures.eras else 0,
            eras_text=f"{grouped(done)} of {grouped(figures.eras)} eras worked out",
            runs=[run_row(run, now) for run in seen.runs],
        )

    @rx.event
    async def choose(self, first: int, last: int) -> None:
        """Takes a gap into the form."""
        await self.require(Role.EDITOR)
        span = span_of({"first": first, "last": last})
        self._show(first=str(span.first), last=str(span.last), kind="recrawl", preview="")

    @rx.event
    async def look_at_order(self, form: dict[str, Any]) -> None:
        """Says what the order would do, for somebody to confirm."""
        await self.require(Role.EDITOR)
        kind, span = kind_of(form.get("kind")), span_of(form)
        text = order_words(kind, span)
        self._show(kind=kind, first=str(span.first), last=str(span.last), preview=text)

    @rx.event
    async def give_up(self) -> None:
        """Does not order it after all."""
        await self.require(Role.EDITOR)
        self.preview = ""

    @rx.event
    async def order(self, form: dict[str, Any]) -> None:
        """Orders what was looked at."""
        person = await self.require(Role.EDITOR)
        if not self.preview:
            raise Mistake("Look first at what the order would do.")
        span, kind = span_of({"first": self.first, "last": self.last}), kind_of(self.kind)
        run = partial(orders.run_now, name=kind, by=person.name, now=datetime.now(UTC), span=span)
        what = f"{KINDS[kind][0]} {span.first} to {span.last}"
        reason = str(form.get("reason", ""))[:200]
        await self.act(person, Deed(f"{kind}.order", what, run, reason, f"Ordered {kind}: {what}."))
        self.preview = ""

    @rx.event
    async def find_lost(self) -> None:
        """Looks for heights that are neither held nor planned."""
        person = await self.require(Role.EDITOR)
        await self.act(person, _run_job("coverage", person.name))

    @rx.event
    async def repair(self) -> None:
        """Proves everything against itself, and mends what is wrong."""
        person = await self.require(Role.EDITOR)
        await self.act(person, _run_job("repair", person.name))


REFRESH = SyncState.refresh


def page() -> rx.Component:
    """Sync and gaps."""
    return frame(
        rx.cond(SyncState.loaded, rx.fragment(_grid(), _gaps(), for_editors(_order()))),
        rx.el.div(_claims(), _history(), class_name="halves"),
        title="Sync & gaps",
        here="/sync",
        refresh=REFRESH,
    )


def _run_job(name: str, by: str) -> Deed:
    run = partial(orders.run_now, name=name, by=by, now=datetime.now(UTC))
    return Deed("job.run", f"job {name}", run, said=f"Job {name} runs within seconds.")


def _grid() -> rx.Component:
    return panel(
        rx.el.div(state_words(AdminState.pill.state), class_name="row"),
        rx.el.div(
            rx.foreach(SyncState.grid, _cell),
            class_name="heat",
            role="img",
            aria_label="Heights held, in part, and missing; the list below says the same.",
        ),
        rx.el.p(
            rx.el.span(class_name="swatch heat-held"),
            "held ",
            rx.el.span(class_name="swatch heat-part"),
            "in part ",
            rx.el.span(class_name="swatch heat-missing"),
            "missing · one cell is ",
            integer(SyncState.blocks_a_cell),
            " blocks",
            class_name="quiet heat-legend",
        ),
        progress_bar(
            SyncState.eras_per_mille,
            label="Eras worked out",
            text=SyncState.eras_text,
            whole=SyncState.eras_per_mille == 1000,
        ),
        rx.el.p(SyncState.eras_text, class_name="quiet"),
        title="Heights",
        name="heights",
    )


def _cell(cell: Cell) -> rx.Component:
    return rx.el.span(
        title=cell.label,
        class_name=rx.match(
            cell.state,
            ("held", "cell heat-held"),
            ("part", "cell heat-part"),
            "cell heat-missing",
        ),
    )


def _gaps() -> rx.Component:
    none = rx.cond(
        AdminState.pill.newest,
        rx.el.p("No gap up to block ", integer(AdminState.pill.newest), ".", class_name="strong"),
        empty("No block is held yet.", then="The first appears when a node has answered."),
    )
    return panel(
        rx.cond(
            SyncState.gaps,
            table(
                "First",
                "Last",
                "Blocks",
                "",
                rows=rx.foreach(SyncState.gaps, _gap_row),
                label="Missing heights",
            ),
            none,
        ),
        rx.cond(
            SyncState.more_gaps,
            rx.el.p("and ", integer(SyncState.more_gaps), " more, lower down", class_name="quiet"),
        ),
        title="Missing heights",
        name="gaps",
        tools=(
            for_editors(
                rx.fragment(
                    small_button("Find lost heights", SyncState.find_lost, of="all"),
                    small_button("Prove and repair", SyncState.repair, of="everything"),
                )
            ),
        ),
    )


def _gap_row(gap: GapRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(integer(gap.first), scope="row"),
        rx.el.td(integer(gap.last)),
        rx.el.td(integer(gap.count)),
        rx.el.td(
            for_editors(
                small_button("Choose", SyncState.choose(gap.first, gap.last), of=gap.first)
            ),
            class_name="actions",
        ),
    )


def _order() -> rx.Component:
    return panel(rx.cond(SyncState.preview, _confirm(), _ask()), title="Do again", name="again")


def _ask() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            rx.el.label("What", html_for="kind"),
            rx.el.select(
                *(rx.el.option(does, value=kind) for kind, (_, does) in KINDS.items()),
                id="kind",
                name="kind",
                default_value=SyncState.kind,
                class_name="input",
            ),
            class_name="field",
        ),
        field("first", "First height or era", input_mode="numeric", default_value=SyncState.first),
        field("last", "Last", input_mode="numeric", default_value=SyncState.last),
        rx.el.button("Look at it", type="submit", class_name="button"),
        on_submit=SyncState.look_at_order,
        key=SyncState.first + "-" + SyncState.last,
        class_name="form form-row",
    )


def _confirm() -> rx.Component:
    return rx.el.form(
        rx.el.p(SyncState.preview, class_name="strong"),
        rx.el.p(
            "It runs as a job within seconds, can be cancelled there, and loses nothing: what was "
            "taken back comes again.",
            class_name="quiet",
        ),
        field("reason", "Reason", max_length=200),
        rx.el.div(
            rx.el.button("Order it", type="submit", class_name="button button-main"),
            rx.el.button("Back", type="button", class_name="button", on_click=SyncState.give_up),
            class_name="row",
        ),
        on_submit=SyncState.order,
        class_name="form",
    )


def _claims() -> rx.Component:
    return panel(
        rx.cond(
            SyncState.claims,
            table(
                "Heights",
                "Worker",
                "Attempts",
                "Last error",
                rows=rx.foreach(SyncState.claims, _claim_row),
                label="Ranges under way",
            ),
            empty("No range is being fetched.", then="The head is followed block by block."),
        ),
        title="Workers",
        name="workers",
    )


def _claim_row(claim: ClaimRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(claim.heights, scope="row"),
        rx.el.td(claim.worker),
        rx.el.td(claim.attempts),
        rx.el.td(claim.error, class_name="wide-text"),
    )


def _history() -> rx.Component:
    return panel(
        rx.cond(
            SyncState.runs,
            runs_table(SyncState.runs, label="What was done again"),
            empty("Nothing was done again yet.", then="Orders from above are listed here."),
        ),
        title="Done again",
        name="history",
    )
