"""What those who run the platform are shown, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert
from sqlmodel import Session

from casper_dash.queries.operation.home import home
from casper_dash.queries.operation.jobs import last_runs, newest_runs, ordered
from casper_dash.queries.operation.nodes import nodes, wanted_nodes
from casper_dash.queries.operation.pill import pill
from casper_dash.queries.operation.work import claims, worked_out
from crawler import node_orders, orders
from crawler.models.nodes import NodeState
from crawler.models.work import JobRun
from tests.factories import block, crawl_range, crawl_state, derive_state, era, era_touch, store

NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)


def test_runs_are_newest_first_of_all_jobs_or_of_one(engine: Engine):
    with Session(engine) as session:
        for minute, name in enumerate(["bids", "prices", "bids"]):
            session.execute(insert(JobRun).values(_run(name, minute)))
        session.commit()

        assert [run.name for run in newest_runs(session)] == ["bids", "prices", "bids"]
        assert [run.started_at.minute for run in newest_runs(session, name="bids")] == [2, 0]
        assert {name: run.started_at.minute for name, run in last_runs(session).items()} == {
            "bids": 2,
            "prices": 1,
        }


def test_an_order_says_what_is_wanted_and_by_whom(engine: Engine):
    with Session(engine) as session:
        orders.pause(session, "bids", "Ana", NOW)
        session.commit()

        found = ordered(session)

    assert (found["bids"].paused, found["bids"].paused_by, found["bids"].paused_at) == (
        True,
        "Ana",
        NOW,
    )


def test_a_node_is_one_row_of_all_its_observers_and_old_views_do_not_count(engine: Engine):
    with Session(engine) as session:
        for observer, seen, calls in (("a", 0, 5), ("b", 10, 7), ("gone", 3600, 99)):
            row = _node(observer, NOW - timedelta(seconds=seen), calls)
            session.execute(insert(NodeState).values(row))
        node_orders.ban(session, "http://n", node_orders.Ordered("Ana", "lies", NOW))
        session.commit()

        found = nodes(session, NOW + timedelta(seconds=1))
        wishes = wanted_nodes(session, NOW + timedelta(seconds=1))

    assert [(node.observers, node.calls) for node in found] == [(2, 12)]
    assert [wish.reason for wish in found[0].orders] == ["lies"]
    assert [wish.kind for wish in wishes] == ["ban"]


def test_the_pill_is_empty_before_the_first_look_at_the_chain(engine: Engine):
    with Session(engine) as session:
        found = pill(session, NOW)

    assert (found.state, found.head, found.lag, found.expected) == ("paused", None, None, 0)


def test_the_pill_counts_what_is_missing(engine: Engine):
    with Session(engine) as session:
        store(
            session,
            blocks=[block(height) for height in (0, 1, 2)],
            crawl=[crawl_state(9)],
            ranges=[crawl_range(3, 9)],
        )
        session.commit()

        found = pill(session, block(9)["timestamp"])

    assert (found.lag, found.held, found.missing) == (7, 3, 7)


def test_ranges_under_way_come_before_those_that_failed(engine: Engine):
    held = {"owner": "me", "lease_until": NOW + timedelta(minutes=1)}
    late = {"owner": "me", "lease_until": NOW - timedelta(minutes=1), "last_error": "no node"}
    with Session(engine) as session:
        store(
            session,
            ranges=[crawl_range(0, 9, **late), crawl_range(10, 19, **held), crawl_range(20, 29)],
        )
        session.commit()

        found = claims(session, NOW)

    assert [(claim.first, claim.owner, claim.last_error) for claim in found] == [
        (10, "me", None),
        (0, None, "no node"),
    ]


def test_eras_that_wait_to_be_summed_are_counted(engine: Engine):
    with Session(engine) as session:
        store(
            session,
            eras=[era(0), era(1)],
            touches=[era_touch(0, stale=False), era_touch(1, stale=True)],
            derive=[derive_state(depth_to=7)],
        )
        session.commit()

        found = worked_out(session)

    assert (found.eras, found.stale, found.depth_to) == (2, 1, 7)


def test_home_reads_an_empty_database(engine: Engine):
    with Session(engine) as session:
        found = home(session, NOW)

    assert (found.runs, found.nodes, found.activity, found.newest_price) == ([], [], [], None)
    assert found.database_bytes > 0


def _run(name: str, minute: int) -> dict[str, Any]:
    return {"name": name, "started_at": NOW + timedelta(minutes=minute), "owner": "test"}


def _node(observer: str, seen_at: datetime, calls: int) -> dict[str, Any]:
    return {
        "url": "http://n",
        "observer": observer,
        "state": "in_use",
        "since": NOW,
        "seen_at": seen_at,
        "calls": calls,
        "failures": 0,
        "in_flight": 0,
        "allowed": 1,
        "score": 1,
    }
