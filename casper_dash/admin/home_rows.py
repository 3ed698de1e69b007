"""What home shows, as text: facts of the database → rows. Pure, but for the past in `samples`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from casper_dash.admin.samples import Sample, Samples, path
from casper_dash.admin.words import bytes_text, grouped, iso, lasted
from casper_dash.audit import Entry
from casper_dash.queries.operation.home import Home
from casper_dash.queries.operation.jobs import Run
from casper_dash.queries.operation.pill import Pill


@dataclass(frozen=True)
class Figure:
    """One small card: a figure now, and its line since somebody looks."""

    label: str = ""
    value: str = ""
    unit: str = ""
    line: str = ""
    about: str = ""


@dataclass(frozen=True)
class RunRow:
    """A run of a job."""

    name: str = ""
    started_at: str = ""
    state: str = ""
    """running, done or failed."""
    took: str = ""
    text: str = ""
    percent: int = 0
    by: str = ""


@dataclass(frozen=True)
class ActivityRow:
    """An entry of the audit log."""

    at: str = ""
    who: str = ""
    action: str = ""
    object: str = ""
    reason: str = ""


def sample_of(crawl: Pill, home: Home) -> Sample:
    """The figures that are kept for a while."""
    delays = [node.p95_ms for node in home.nodes if node.p95_ms is not None]
    return Sample(
        lag=crawl.lag,
        held=crawl.held,
        missing=crawl.missing,
        p95_ms=max(delays, default=None),
        failures=sum(node.failures for node in home.nodes),
        size=home.database_bytes,
    )


_CARDS = {
    "lag": ("Lag", "blocks", "Blocks that the nodes' head is ahead of the newest block held."),
    "held": ("Stored", "blocks/s", "Over the last half minute, by all crawlers together."),
    "missing": ("Missing", "blocks", "Heights from CRAWL_FROM to the head that are not held."),
    "p95_ms": ("Slowest node", "ms", "The 95th percentile of its answers' delays."),
    "failures": ("Failed calls", "a minute", "Calls to nodes without an answer, last half minute."),
    "size": ("Database", "", "On disk, indexes included; MySQL counts it now and then."),
}


def figures(past: Samples) -> list[Figure]:
    """Six cards from what was sampled."""
    failures = [rate * 60 for rate in past.rates("failures")]
    values: dict[str, tuple[Sequence[float | None], Callable[[float], str]]] = {
        "lag": (past.values("lag"), _whole),
        "held": (past.rates("held"), _decimal),
        "missing": (past.values("missing"), _whole),
        "p95_ms": (past.values("p95_ms"), _whole),
        "failures": (failures, _decimal),
        "size": (past.values("size"), _bytes),
    }
    return [_figure(*_CARDS[name], *values[name]) for name in _CARDS]


def run_row(run: Run, now: datetime) -> RunRow:
    """A run, told by how it ended or how far it is."""
    end = run.ended_at or now
    took = lasted((end - run.started_at).total_seconds())
    if run.ended_at is None:
        text, state = run.progress or "under way", "running"
    else:
        text, state = run.error or run.result or "", "failed" if run.error else "done"
    by = run.ordered_by or "timetable"
    return RunRow(run.name, iso(run.started_at), state, took, text, run.percent or 0, by)


def activity_row(entry: Entry) -> ActivityRow:
    """An entry, without its values."""
    return ActivityRow(iso(entry.at), entry.actor_name, entry.action, entry.object, entry.reason)


def _figure(
    label: str,
    unit: str,
    about: str,
    values: Sequence[float | None],
    text: Callable[[float], str],
) -> Figure:
    newest = values[-1] if values else None
    return Figure(label, "–" if newest is None else text(newest), unit, path(values), about)


def _whole(value: float) -> str:
    return grouped(round(value))


def _decimal(value: float) -> str:
    return f"{value:.1f}" if value < 100 else _whole(value)


def _bytes(value: float) -> str:
    return bytes_text(int(value))
