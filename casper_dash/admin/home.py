"""Home: how the crawl is, what needs attention, what was done."""

from datetime import UTC, datetime
from functools import partial

import reflex as rx

from casper_dash.admin.attention import Attention, attention
from casper_dash.admin.frame import for_editors, frame, state_words
from casper_dash.admin.home_rows import (
    ActivityRow,
    Figure,
    RunRow,
    activity_row,
    figures,
    run_row,
    sample_of,
)
from casper_dash.admin.known_jobs import known_job
from casper_dash.admin.samples import Samples
from casper_dash.admin.state import AdminState, Deed
from casper_dash.admin.tables import activity_table, runs_table
from casper_dash.auth.roles import Role
from casper_dash.components.amounts import integer
from casper_dash.components.browser import Handler
from casper_dash.components.icons import icon
from casper_dash.components.panels import panel, progress_bar
from casper_dash.components.states import empty, skeleton
from casper_dash.queries.operation.home import home
from crawler import orders
from crawler.progress import Rate, Standing, time_left

_PAST = Samples()
_RATE = Rate()


class HomeState(AdminState):
    """Home's figures."""

    loaded: bool = False
    cards: list[Figure] = []
    attention: list[Attention] = []
    per_mille: int = 0
    rate: str = ""
    left: str = ""
    paused: bool = False
    runs: list[RunRow] = []
    activity: list[ActivityRow] = []

    @rx.event
    async def refresh(self) -> None:
        """Reads everything anew."""
        await self.require(Role.VIEWER, active=False)
        now = datetime.now(UTC)
        found = await self.look(lambda session: home(session, now))
        _PAST.note(sample_of(self.pill, found))
        order = found.orders.get(orders.CRAWL)
        self._show(
            loaded=True,
            cards=figures(_PAST),
            attention=attention(self.pill, found, now),
            paused=order is not None and order.paused,
            runs=[run_row(run, now) for run in found.runs],
            activity=[activity_row(entry) for entry in found.activity],
        )
        self._progress()

    @rx.event
    async def pause_crawl(self) -> None:
        """Every worker of every machine stores what it has and claims nothing more."""
        person = await self.require(Role.EDITOR)
        pause = partial(orders.pause, name=orders.CRAWL, by=person.name, now=datetime.now(UTC))
        await self.act(person, Deed("crawl.pause", "crawl", pause, said="The crawl pauses."))

    @rx.event
    async def resume_crawl(self) -> None:
        """Lets the crawl go on."""
        person = await self.require(Role.EDITOR)
        resume = partial(orders.resume, name=orders.CRAWL, by=person.name, now=datetime.now(UTC))
        await self.act(person, Deed("crawl.resume", "crawl", resume, said="The crawl goes on."))

    @rx.event
    async def run_job(self, name: str) -> None:
        """Has a job run within seconds."""
        person = await self.require(Role.EDITOR)
        job = known_job(name)
        run = partial(orders.run_now, name=job, by=person.name, now=datetime.now(UTC))
        await self.act(
            person, Deed("job.run", f"job {job}", run, said=f"Job {job} runs within seconds.")
        )

    def _progress(self) -> None:
        crawl = self.pill
        standing = Standing(crawl.held, crawl.expected, True, None)
        rate = _RATE.note(crawl.held)
        self._show(
            rate=f"{max(rate, 0):.1f}",
            left=time_left(standing, rate),
            per_mille=1000 * crawl.held // crawl.expected if crawl.expected else 0,
        )


REFRESH = HomeState.refresh


def page() -> rx.Component:
    """Home."""
    return frame(
        rx.cond(
            HomeState.loaded,
            rx.fragment(_sync(), _cards(), _attention(), _recent()),
            rx.el.div(
                *(skeleton(f"size-panel-{size}") for size in ("s", "s", "m")), class_name="stack"
            ),
        ),
        title="Home",
        here="/",
        refresh=REFRESH,
    )


def _sync() -> rx.Component:
    crawl = AdminState.pill
    return panel(
        rx.el.div(
            state_words(crawl.state),
            rx.el.p(
                "head ",
                integer(crawl.head),
                " · ours ",
                integer(crawl.newest),
                " · lag ",
                integer(crawl.lag),
            ),
            class_name="row",
        ),
        progress_bar(
            HomeState.per_mille,
            label="Blocks held of those expected",
            text=f"{crawl.held} of {crawl.expected} blocks",
            whole=HomeState.per_mille == 1000,
        ),
        rx.el.p(
            integer(crawl.held),
            " of ",
            integer(crawl.expected),
            " blocks held",
            rx.cond(
                crawl.missing,
                rx.fragment(
                    " · ",
                    integer(crawl.missing),
                    " left · ",
                    HomeState.rate,
                    " blocks/s · time left ",
                    HomeState.left,
                ),
            ),
            class_name="quiet",
        ),
        title="Crawl",
        name="crawl",
        tools=(
            for_editors(
                rx.cond(
                    HomeState.paused,
                    _button("play", "Resume the crawl", HomeState.resume_crawl),
                    _button("halt", "Pause the crawl", HomeState.pause_crawl),
                )
            ),
        ),
    )


def _button(symbol: str, label: str, on_click: Handler) -> rx.Component:
    return rx.el.button(icon(symbol), label, type="button", class_name="button", on_click=on_click)


def _cards() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Figures", class_name="hidden"),
        rx.el.div(rx.foreach(HomeState.cards, _card), class_name="panel stat-cards"),
        rx.el.p(
            "Lines begin when somebody looks, and reach back half an hour.", class_name="quiet"
        ),
        class_name="stack-tight",
    )


def _card(card: Figure) -> rx.Component:
    return rx.el.div(
        rx.el.h3(card.label),
        rx.el.p(
            card.value, rx.el.span(card.unit, class_name="stat-unit"), class_name="figure-value"
        ),
        rx.el.svg(
            rx.el.path(d=card.line),
            view_box="0 0 100 24",
            preserve_aspect_ratio="none",
            class_name="sparkline",
            custom_attrs={"aria-hidden": "true"},
        ),
        class_name="stat-card",
        title=card.about,
    )


def _attention() -> rx.Component:
    return panel(
        rx.cond(
            HomeState.attention,
            rx.el.ul(rx.foreach(HomeState.attention, _item), class_name="attention"),
            rx.el.p(icon("check"), "All clear: nothing needs attention.", class_name="clear"),
        ),
        title="Attention",
        name="attention",
    )


def _item(item: Attention) -> rx.Component:
    return rx.el.li(
        rx.match(
            item.severity,
            ("error", rx.el.span(icon("alert"), "Problem", class_name="tag tag-error")),
            ("warn", rx.el.span(icon("alert"), "Warning", class_name="tag tag-warn")),
            rx.el.span(icon("sync"), "Note", class_name="tag tag-info"),
        ),
        rx.el.div(
            rx.el.p(item.text, class_name="strong"), rx.el.p(item.detail, class_name="quiet")
        ),
        rx.match(
            item.fix,
            ("page", rx.el.a(item.label, to=item.target, class_name="button")),
            ("job", for_editors(_fix(item, HomeState.run_job(item.target)))),
            ("resume", for_editors(_fix(item, HomeState.resume_crawl))),
            rx.fragment(),
        ),
    )


def _fix(item: Attention, on_click: Handler) -> rx.Component:
    return rx.el.button(item.label, type="button", class_name="button", on_click=on_click)


def _recent() -> rx.Component:
    return rx.el.div(
        panel(
            rx.cond(
                HomeState.activity,
                activity_table(HomeState.activity),
                empty("Nobody has changed anything yet.", then="What people do here is listed."),
            ),
            title="Recent activity",
            name="activity",
        ),
        panel(
            rx.cond(
                HomeState.runs,
                runs_table(HomeState.runs, label="Recent jobs"),
                empty("No job has run yet.", then="The timetable starts the first within seconds."),
            ),
            title="Recent jobs",
            name="runs",
        ),
        class_name="halves",
    )
