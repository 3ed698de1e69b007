"""Jobs: which there are, how their runs went, and what operators want of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import reflex as rx
from sqlmodel import Session

from casper_dash.admin.frame import for_editors, frame
from casper_dash.admin.home_rows import RunRow, run_row
from casper_dash.admin.known_jobs import intervals, known_job
from casper_dash.admin.state import AdminState, Deed, Mistake
from casper_dash.admin.tables import run_state, small_button, table
from casper_dash.admin.words import lasted
from casper_dash.auth.roles import Role
from casper_dash.components.panels import panel
from casper_dash.components.states import empty, tag
from casper_dash.components.times import ago
from casper_dash.queries.operation.jobs import Ordered, Run, last_runs, newest_runs, ordered
from crawler import orders

_NEVER = RunRow()
_RUNS = 25


@dataclass(frozen=True)
class JobRow:
    """A job of the timetable."""

    name: str = ""
    every: str = ""
    last: RunRow = _NEVER
    ran: bool = False
    paused: str = ""
    """By whom; "" while it is not."""
    waits: bool = False
    """A run was ordered and has not begun."""
    running: bool = False
    needs_span: bool = False
    """It is ordered for a span of blocks or eras, on the page for these."""


class JobsState(AdminState):
    """Jobs, and the runs of all or of one."""

    jobs: list[JobRow] = []
    runs: list[RunRow] = []
    chosen: str = ""
    """The job whose runs are shown; "" is all."""

    @rx.event
    async def refresh(self) -> None:
        """Reads everything anew."""
        await self.require(Role.VIEWER, active=False)
        await self._reread()

    @rx.event
    async def choose(self, name: str) -> None:
        """Shows the runs of one job, or of all for ""."""
        await self.require(Role.VIEWER)
        self.chosen = known_job(name) if name else ""
        await self._reread()

    @rx.event
    async def run_job(self, name: str) -> None:
        """Has a job run within seconds."""
        person = await self.require(Role.EDITOR)
        change = partial(orders.run_now, name=known_job(name), by=person.name, now=_now())
        await self.act(
            person, Deed("job.run", f"job {name}", change, said=f"Job {name} runs within seconds.")
        )

    @rx.event
    async def pause(self, name: str) -> None:
        """The job starts no more."""
        person = await self.require(Role.EDITOR)
        change = partial(orders.pause, name=known_job(name), by=person.name, now=_now())
        await self.act(
            person, Deed("job.pause", f"job {name}", change, said=f"Job {name} is paused.")
        )

    @rx.event
    async def resume(self, name: str) -> None:
        """The job starts again when it is due."""
        person = await self.require(Role.EDITOR)
        change = partial(orders.resume, name=known_job(name), by=person.name, now=_now())
        await self.act(
            person, Deed("job.resume", f"job {name}", change, said=f"Job {name} goes on.")
        )

    @rx.event
    async def cancel(self, name: str) -> None:
        """The run under way ends as soon as nothing is left half done."""
        person = await self.require(Role.EDITOR)
        change = partial(orders.cancel, name=known_job(name), by=person.name, now=_now())
        await self.act(
            person, Deed("job.cancel", f"job {name}", change, said=f"Job {name} ends soon.")
        )

    @rx.event
    async def run_again(self, name: str, started_at: str) -> None:
        """Runs a job with what that run was about."""
        person = await self.require(Role.EDITOR)
        job, run = known_job(name), _moment(started_at)

        def change(session: Session) -> None:
            if not orders.run_again(session, job, run, person.name, _now()):
                raise Mistake(f"That run of {job} is no longer kept.")

        await self.act(
            person,
            Deed("job.run", f"job {job}", change, said=f"Job {job} runs again within seconds."),
        )

    async def _reread(self) -> None:
        chosen, now = self.chosen, _now()
        rows, runs = await self.look(lambda session: _read(session, chosen, now))
        self._show(jobs=rows, runs=runs)


REFRESH = JobsState.refresh


def page() -> rx.Component:
    """Jobs."""
    return frame(_timetable(), _runs(), title="Jobs", here="/jobs", refresh=REFRESH)


def _read(session: Session, chosen: str, now: datetime) -> tuple[list[JobRow], list[RunRow]]:
    last, wanted = last_runs(session), ordered(session)
    rows = [
        _job_row(name, every_s, last.get(name), wanted.get(name), now)
        for name, every_s in sorted(intervals().items())
    ]
    return rows, [run_row(run, now) for run in newest_runs(session, name=chosen, limit=_RUNS)]


def _job_row(
    name: str, every_s: float | None, run: Run | None, order: Ordered | None, now: datetime
) -> JobRow:
    return JobRow(
        name=name,
        every="when ordered" if every_s is None else f"every {lasted(every_s)}",
        last=run_row(run, now) if run else _NEVER,
        ran=run is not None,
        paused=(order.paused_by or "somebody") if order and order.paused else "",
        waits=bool(order and order.wanted_at),
        running=run is not None and run.ended_at is None,
        needs_span=name in ("recompute", "recrawl"),
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Mistake("That is no time of a run.") from None
    if found.tzinfo is None:
        raise Mistake("That is no time of a run.")
    return found


def _timetable() -> rx.Component:
    return panel(
        table(
            "Job",
            "Runs",
            "Last run",
            "When",
            "What came of it",
            "",
            rows=rx.foreach(JobsState.jobs, _job),
            label="Timetable",
        ),
        title="Timetable",
        name="timetable",
    )


def _job(job: JobRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(job.name, scope="row"),
        rx.el.td(
            job.every,
            rx.cond(job.paused, rx.fragment(" ", tag("paused by " + job.paused, tone="warn"))),
            rx.cond(job.waits, rx.fragment(" ", tag("ordered", tone="info"))),
        ),
        rx.el.td(rx.cond(job.ran, run_state(job.last), "–")),
        rx.el.td(rx.cond(job.ran, ago(job.last.started_at), "–")),
        rx.el.td(job.last.text, class_name="wide-text"),
        rx.el.td(for_editors(_orders(job)), class_name="actions"),
    )


def _orders(job: JobRow) -> rx.Component:
    return rx.fragment(
        rx.cond(
            job.running,
            small_button("Cancel", JobsState.cancel(job.name), of=job.name),
            rx.cond(
                job.needs_span,
                rx.el.a("Choose blocks or eras", to="/sync"),
                small_button("Run now", JobsState.run_job(job.name), of=job.name),
            ),
        ),
        rx.cond(
            job.paused,
            small_button("Resume", JobsState.resume(job.name), of=job.name),
            small_button("Pause", JobsState.pause(job.name), of=job.name),
        ),
    )


def _runs() -> rx.Component:
    return panel(
        rx.cond(
            JobsState.runs,
            table(
                "Job",
                "State",
                "Started",
                "Took",
                "By",
                "What came of it",
                "",
                rows=rx.foreach(JobsState.runs, _run),
                label="Runs",
            ),
            empty("No run is kept.", then="Choose another job, or all of them."),
        ),
        title="Runs",
        name="runs",
        tools=(_facets(),),
    )


def _facets() -> rx.Component:
    return rx.el.div(
        _facet("", "All"),
        rx.foreach(JobsState.jobs, lambda job: _facet(job.name, job.name)),
        class_name="segmented",
        role="group",
        aria_label="Runs of",
    )


def _facet(name: str, label: str) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        on_click=JobsState.choose(name),
        aria_pressed=rx.cond(JobsState.chosen == name, "true", "false"),
    )


def _run(run: RunRow) -> rx.Component:
    again = small_button("Run again", JobsState.run_again(run.name, run.started_at), of=run.name)
    return rx.el.tr(
        rx.el.th(run.name, scope="row"),
        rx.el.td(run_state(run)),
        rx.el.td(ago(run.started_at)),
        rx.el.td(run.took, class_name="number"),
        rx.el.td(run.by),
        rx.el.td(run.text, class_name="wide-text"),
        rx.el.td(for_editors(rx.cond(run.state == "failed", again)), class_name="actions"),
    )
