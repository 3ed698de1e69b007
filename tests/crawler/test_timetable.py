import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from crawler import leases, orders
from crawler.database import transact
from crawler.feeds.source import SourceError
from crawler.job_run import Run
from crawler.models.work import JOB_RUN
from crawler.orders import Order
from crawler.timetable import Job, Timetable, is_due

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LASTS = timedelta(seconds=7)


def _await(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _runs(engine: Engine) -> list[tuple[str, str | None, str | None]]:
    question = select(JOB_RUN.name, JOB_RUN.result, JOB_RUN.error, JOB_RUN.ended_at)
    with engine.connect() as connection:
        rows = connection.execute(question.order_by(JOB_RUN.started_at)).all()
    return [(row.name, row.result, row.error) for row in rows if row.ended_at is not None]


@pytest.fixture
def started(engine: Engine):
    timetables: list[Timetable] = []

    def start(*jobs: Job, owner: str) -> Timetable:
        timetable = Timetable(engine, jobs, owner=owner)
        timetable.scheduler.start()
        timetables.append(timetable)
        timetable.tick()
        return timetable

    yield start
    for timetable in timetables:
        if timetable.scheduler.running:
            timetable.scheduler.shutdown()


@pytest.mark.parametrize(
    ("order", "started", "due"),
    [
        (Order(), None, True),
        (Order(), NOW - timedelta(seconds=59), False),
        (Order(), NOW - timedelta(seconds=60), True),
        (Order(paused=True), None, False),
        (Order(wanted=True), NOW, True),
        (Order(paused=True, wanted=True), NOW, True),
    ],
)
def test_a_job_is_due_when_its_time_is_up_or_it_is_wanted(
    order: Order, started: datetime | None, due: bool
):
    job = Job("job", 60, lambda _run: "")

    assert is_due(job, order, started, NOW) is due


def test_a_run_is_kept_with_its_result(engine: Engine, started):
    started(Job("job", 60, lambda _run: "3 rows"), owner="one")

    _await(lambda: _runs(engine) == [("job", "3 rows", None)])


@pytest.mark.parametrize("fault", [SourceError("the source is away"), ZeroDivisionError("a bug")])
def test_a_failed_run_is_kept_with_its_error_and_the_others_go_on(
    engine: Engine, started, fault: Exception
):
    def fail(_run: Run) -> str:
        raise fault

    started(Job("fails", 60, fail), Job("works", 60, lambda _run: "done"), owner="one")

    _await(lambda: len(_runs(engine)) == 2)
    assert sorted(_runs(engine)) == [
        ("fails", None, f"{type(fault).__name__}: {fault}"),
        ("works", "done", None),
    ]


def test_a_run_whose_end_could_not_be_written_is_not_under_way_for_ever(
    engine: Engine, started, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Run, "end", _no_database)
    timetable = started(Job("job", 3600, lambda _run: "ran"), owner="one")
    _await(lambda: not timetable._running)
    assert _runs(engine) == []

    timetable.tick()

    assert _runs(engine) == [("job", None, "its end was not written down")]


def _no_database(*_of: object) -> None:
    raise OperationalError("", {}, Exception("away"))


def test_machines_of_one_long_name_and_different_endings_are_different_owners(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    names = []
    for ending in ("a", "b"):
        monkeypatch.setattr(socket, "gethostname", lambda ending=ending: 62 * "x" + ending)
        names.append(Timetable(engine, [])._owner)

    assert names[0] != names[1]
    assert max(map(len, names)) <= 64


def test_of_two_timetables_one_leads_and_the_other_takes_over(engine: Engine, started):
    seen: list[str] = []
    first = started(Job("job", 3600, lambda _run: seen.append("first") or "ok"), owner="one")
    _await(lambda: seen == ["first"])
    second = started(Job("other", 3600, lambda _run: seen.append("second") or "ok"), owner="two")
    assert (first.leads, second.leads) == (True, False)

    first.scheduler.shutdown()  # killed: it gives nothing up

    _await(lambda: "second" in seen, seconds=20)
    assert seen == ["first", "second"]
    assert second.leads


def test_a_lead_that_is_given_up_is_taken_at_once(engine: Engine, started):
    first = started(owner="one")
    first.scheduler.shutdown()
    first.give_up()

    assert started(owner="two").leads


def test_a_paused_job_waits_until_it_is_resumed(engine: Engine, started):
    transact(engine, lambda session: orders.pause(session, "job", "Ana", NOW))
    timetable = started(Job("job", 0, lambda _run: "ran"), owner="one")
    time.sleep(0.5)
    assert _runs(engine) == []

    transact(engine, lambda session: orders.resume(session, "job", "Ana", NOW))
    timetable.tick()

    _await(lambda: _runs(engine) != [])


def test_a_wanted_job_runs_once_although_its_time_is_not_up(engine: Engine, started):
    timetable = started(Job("job", 3600, lambda _run: "ran"), owner="one")
    _await(lambda: len(_runs(engine)) == 1)

    transact(engine, lambda session: orders.run_now(session, "job", "Ana", NOW))
    timetable.tick()

    _await(lambda: len(_runs(engine)) == 2)
    timetable.tick()
    time.sleep(0.3)
    assert len(_runs(engine)) == 2


def test_a_job_that_still_runs_is_not_started_again(engine: Engine, started):
    release = threading.Event()
    begun: list[int] = []

    def long(_run: Run) -> str:
        begun.append(1)
        release.wait(10)
        return "ended"

    timetable = started(Job("long", 0, long), owner="one")
    _await(lambda: begun == [1])
    timetable.tick()
    time.sleep(0.3)
    release.set()

    _await(lambda: len(_runs(engine)) >= 1)
    assert begun == [1]


def test_ordering_a_run_leaves_a_pause_as_it_is(engine: Engine):
    transact(engine, lambda session: orders.pause(session, "job", "Ana", NOW))
    transact(engine, lambda session: orders.run_now(session, "job", "Bo", NOW))

    assert transact(engine, orders.orders) == {"job": Order(paused=True, wanted=True)}
    assert transact(engine, lambda session: orders.is_paused(session, "job"))


def test_a_lease_is_one_owners_until_it_runs_out(engine: Engine):
    def hold(owner: str, now: datetime) -> bool:
        return transact(engine, lambda session: leases.hold(session, "x", owner, now, LASTS))

    assert hold("one", NOW)
    assert not hold("two", NOW + LASTS)
    assert hold("one", NOW + LASTS)
    assert hold("two", NOW + 2 * LASTS + timedelta(seconds=1))
    assert not hold("one", NOW + 2 * LASTS + timedelta(seconds=2))


def test_of_many_who_come_at_once_one_gets_the_lease(engine: Engine):
    got: list[str] = []

    def come(owner: str) -> None:
        if transact(engine, lambda session: leases.hold(session, "x", owner, NOW, LASTS)):
            got.append(owner)

    threads = [threading.Thread(target=come, args=(f"owner {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 1
    assert transact(engine, lambda session: leases.holder(session, "x", NOW)) == got[0]


LONG_JOB = """
import sys, threading, time
from crawler.timetable import Job, Timetable
from tests.databases import engine_of

begun = threading.Event()
job = Job("long", 0, lambda _run: begun.set() or time.sleep(600))
timetable = Timetable(engine_of(sys.argv[1]), [job])
timetable.scheduler.start()
timetable.tick()
assert begun.wait(20)
timetable.scheduler.shutdown(wait=False)
"""


def test_a_job_under_way_does_not_keep_a_process_that_ends(migrated_sqlite: Engine):
    address = str(migrated_sqlite.url)

    done = subprocess.run([sys.executable, "-c", LONG_JOB, address], timeout=60, check=False)

    assert done.returncode == 0
