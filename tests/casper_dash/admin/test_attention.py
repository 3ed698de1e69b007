"""What home says needs attention."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from casper_dash.admin.attention import attention
from casper_dash.queries.operation.home import Home
from casper_dash.queries.operation.jobs import Ordered, Run
from casper_dash.queries.operation.nodes import Node
from casper_dash.queries.operation.pill import Pill

NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)
_UNKNOWN = """available_low available_high build_version protocol_version next_upgrade
    next_upgrade_era reactor_state uptime p50_ms p95_ms last_error last_error_at"""
CALM = Home({}, [], {}, [], None, [], 0)
AT_HEAD = Pill(state="at_head", head=100, newest=100, lag=0, held=101, expected=101)


def test_nothing_is_said_while_all_is_well():
    good = {"prices": _run("prices", error=None)}

    assert attention(AT_HEAD, replace(CALM, last_runs=good, newest_price=NOW), NOW) == []


def test_a_pause_names_who_and_offers_to_go_on():
    paused = Ordered("crawl", True, "Ana", NOW - timedelta(minutes=5), None, None)

    found = attention(
        replace(AT_HEAD, state="paused"), replace(CALM, orders={"crawl": paused}), NOW
    )

    assert [(one.detail, one.fix) for one in found] == [("Paused by Ana, 5 min ago", "resume")]


def test_a_crawl_that_nobody_runs_is_a_problem_and_no_pause():
    found = attention(replace(AT_HEAD, state="paused"), CALM, NOW)

    assert [(one.severity, one.fix) for one in found] == [("error", "")]


def test_the_worst_comes_first_and_each_has_its_remedy():
    home = replace(
        CALM,
        last_runs={"prices": _run("prices", error="no answer")},
        newest_price=NOW - timedelta(hours=5),
        nodes=[_node("behind", 60), _node("in_use", 100)],
    )

    found = attention(AT_HEAD, home, NOW)

    assert [(one.severity, one.fix, one.target) for one in found] == [
        ("error", "job", "prices"),
        ("warn", "page", "/nodes"),
        ("warn", "job", "prices"),
    ]
    assert "40 blocks below the head" in found[1].detail


def _run(name: str, error: str | None) -> Run:
    ended = NOW - timedelta(minutes=1)
    return Run(name, ended, "test", None, None, None, None, None, ended, None, error)


def _node(state: str, height: int) -> Node:
    unknown = dict.fromkeys(_UNKNOWN.split())
    counts = dict.fromkeys(["calls", "failures", "in_flight", "allowed", "score"], 1)
    return Node("http://n", state, NOW, NOW, height, **unknown, **counts, observers=1)
