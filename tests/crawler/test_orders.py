"""Orders about jobs, and runs that tell how far they are: on whatever machine, by the database."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select

from crawler import job_run, orders
from crawler.database import read_session, transact
from crawler.job_run import OrderImpossible, Run
from crawler.models.work import JOB_RUN, JobRun
from crawler.orders import Order, Pause, Span, StillWaiting
from crawler.timetable import Job, Timetable
from tests.crawler.waiting import wait_until

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_run, "_TELL_S", 0)


def order(engine: Engine, what: Callable, *arguments: object) -> object:
    return transact(engine, lambda session: what(session, *arguments))


def runs(engine: Engine, name: str) -> list[dict]:
    """Oldest first."""
    question = select(*JOB_RUN).where(JOB_RUN.name == name).order_by(JOB_RUN.started_at)
    with read_session(engine) as session:
        return [dict(row._mapping) for row in session.execute(question)]


@pytest.fixture
def lead(engine: Engine) -> Iterator[Callable[..., Timetable]]:
    """Makes the process that leads the jobs."""
    made: list[Timetable] = []

    def lead(*jobs: Job, owner: str = "one") -> Timetable:
        made.append(Timetable(engine, jobs, owner=owner))
        return made[-1]

    yield lead
    for timetable in made:
        wait_until(lambda timetable=timetable: not timetable._running)


def test_a_job_that_only_runs_on_order_is_told_what_about_and_by_whom(engine: Engine, lead):
    seen: list[Span | None] = []
    timetable = lead(Job("again", None, lambda run: seen.append(run.span) or "done"))
    timetable.tick()
    assert runs(engine, "again") == []

    order(engine, orders.run_now, "again", "Ana", NOW, Span(3, 9))
    timetable.tick()
    wait_until(lambda: any(run["ended_at"] for run in runs(engine, "again")))
    timetable.tick()

    assert seen == [Span(3, 9)]
    [run] = runs(engine, "again")
    assert (run["first"], run["last"], run["ordered_by"], run["result"]) == (3, 9, "Ana", "done")


def test_a_run_under_way_is_seen_and_can_be_cancelled(engine: Engine, lead):
    go_on = threading.Event()

    def long(run: Run) -> str:
        for block in range(5000):
            run.tell(f"block {block}", block, 5000)
            go_on.wait(0.02)
        return "all of it"

    timetable = lead(Job("long", None, long))
    order(engine, orders.run_now, "long", "Ana", NOW)
    timetable.tick()
    wait_until(lambda: bool(runs(engine, "long") and runs(engine, "long")[0]["progress"]))
    [run] = runs(engine, "long")
    assert run["percent"] == 0
    assert run["ended_at"] is None

    order(engine, orders.cancel, "long", "Bo", NOW)
    wait_until(lambda: runs(engine, "long")[0]["ended_at"] is not None)

    [run] = runs(engine, "long")
    assert run["result"] == f"cancelled: {run['progress']}"
    assert run["error"] is None


def test_a_cancel_without_a_run_drops_the_order_and_spares_the_next(engine: Engine, lead):
    timetable = lead(Job("again", None, lambda run: run.tell("half way") or "done"))
    order(engine, orders.run_now, "again", "Ana", NOW, Span(3, 9))
    order(engine, orders.cancel, "again", "Ana", NOW)
    timetable.tick()
    assert runs(engine, "again") == []

    order(engine, orders.run_now, "again", "Ana", NOW)
    timetable.tick()
    wait_until(lambda: any(run["ended_at"] for run in runs(engine, "again")))
    assert runs(engine, "again")[0]["result"] == "done"


def test_a_failed_run_is_run_again_about_the_same(engine: Engine, lead):
    spans: list[Span | None] = []

    def fail(run: Run) -> str:
        spans.append(run.span)
        raise OrderImpossible("no node holds it")

    timetable = lead(Job("again", None, fail))
    order(engine, orders.run_now, "again", "Ana", NOW, Span(3, 9))
    timetable.tick()
    wait_until(lambda: any(run["error"] for run in runs(engine, "again")))
    [run] = runs(engine, "again")
    assert run["error"] == "OrderImpossible: no node holds it"

    assert order(engine, orders.run_again, "again", run["started_at"], "Bo", NOW) is True
    wait_until(lambda: not timetable._running)
    timetable.tick()
    wait_until(lambda: len(spans) == 2)

    assert spans == [Span(3, 9)] * 2
    assert order(engine, orders.run_again, "again", NOW - timedelta(1), "Bo", NOW) is False


def test_an_order_that_waits_is_not_replaced_by_one_about_something_else(engine: Engine):
    order(engine, orders.run_now, "again", "Ana", NOW, Span(3, 9))
    order(engine, orders.run_now, "again", "Bo", NOW, Span(3, 9))

    with pytest.raises(StillWaiting, match="again: an order for 3 to 9 waits"):
        order(engine, orders.run_now, "again", "Bo", NOW, Span(4, 9))
    begun = order(engine, orders.started, "again")
    assert begun == Order(wanted=True, by="Bo", span=Span(3, 9))
    order(engine, orders.run_now, "again", "Bo", NOW, Span(4, 9))


def test_a_pause_says_by_whom_and_when_whatever_is_ordered_after_it(engine: Engine):
    order(engine, orders.pause, "job", "Ana", NOW)
    order(engine, orders.run_now, "job", "Bo", NOW + timedelta(1))

    assert order(engine, orders.paused, "job") == Pause("Ana", NOW)
    order(engine, orders.resume, "job", "Bo", NOW)
    assert order(engine, orders.paused, "job") is None


def test_a_run_of_a_process_that_is_gone_is_ended_by_the_next_that_leads(engine: Engine, lead):
    values = {"name": "lost", "started_at": NOW, "owner": "gone"}
    transact(engine, lambda session: session.execute(insert(JobRun).values(values)))
    lead(owner="next").tick()

    [run] = runs(engine, "lost")
    assert run["error"] == "its process ended before it did"
    assert run["ended_at"] is not None


@pytest.mark.parametrize(
    ("every_s", "kept"),
    [(None, timedelta(days=30)), (30, timedelta(days=1)), (300, timedelta(seconds=600_000))],
)
def test_old_runs_are_dropped_sooner_of_a_job_that_comes_often(
    migrated_sqlite: Engine, every_s: float | None, kept: timedelta
):
    ages = [kept - timedelta(seconds=1), kept + timedelta(seconds=1)]
    rows = [{"name": "job", "started_at": NOW - age, "owner": "one"} for age in ages]
    transact(migrated_sqlite, lambda session: session.execute(insert(JobRun), rows))
    transact(migrated_sqlite, lambda session: job_run.forget_old(session, "job", every_s, NOW))

    assert [run["started_at"] for run in runs(migrated_sqlite, "job")] == [NOW - ages[0]]
