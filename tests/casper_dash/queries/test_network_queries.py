from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from casper_dash.queries import network
from casper_dash.queries.network import (
    BLOCKS_IN_FLIGHT,
    HALTED_AFTER,
    PAUSED_AFTER,
    BlockPoint,
    Crawl,
    merged,
    subtract,
)
from crawler.database import read_session, write_session
from crawler.models.work import CrawlRange
from crawler.orders import Pause
from tests.factories import GENESIS, block, crawl_range, crawl_state, digest, store

NOW = GENESIS + timedelta(days=1)
SECOND = timedelta(seconds=1)
HEAD = BlockPoint(100, digest("block 100"), 10, NOW - 3 * SECOND)
AT_HEAD = Crawl(
    planned_to=100, head=HEAD, newest=HEAD, head_seen_at=NOW - SECOND, head_changed_at=NOW - SECOND
)


def behind(*missing: tuple[int, int]) -> Crawl:
    return replace(AT_HEAD, missing=missing)


def halted(crawl: Crawl) -> Crawl:
    long_ago = NOW - HALTED_AFTER - SECOND
    return replace(crawl, head=replace(HEAD, timestamp=long_ago), head_changed_at=long_ago)


@pytest.mark.parametrize(
    ("crawl", "state"),
    [
        (AT_HEAD, "at_head"),
        (behind((100, 100)), "at_head"),
        (behind((101 - BLOCKS_IN_FLIGHT, 100)), "at_head"),
        (behind((100 - BLOCKS_IN_FLIGHT, 100)), "catching_up"),
        (behind((100, 100), (7, 7)), "catching_up"),
        (halted(AT_HEAD), "chain_halted"),
        (halted(behind((7, 7))), "catching_up"),
        (replace(AT_HEAD, head_seen_at=NOW - PAUSED_AFTER), "at_head"),
        (replace(AT_HEAD, head_seen_at=NOW - PAUSED_AFTER - SECOND), "paused"),
        (replace(halted(AT_HEAD), head_seen_at=NOW - PAUSED_AFTER - SECOND), "paused"),
        (replace(AT_HEAD, failure="no node has block 7"), "failed"),
        (replace(AT_HEAD, pause=Pause("Ana", NOW)), "paused"),
        (Crawl(), "paused"),
    ],
)
def test_the_state_is_the_first_that_holds(crawl, state):
    assert network.crawl_state(crawl, NOW) == state


def test_an_old_head_that_the_nodes_have_just_moved_to_is_no_halt():
    syncing = replace(AT_HEAD, head=replace(HEAD, timestamp=NOW - timedelta(days=9)))

    assert network.crawl_state(syncing, NOW) == "at_head"


def test_missing_heights_are_the_open_ranges_without_what_they_hold(engine):
    held = [*range(3), 5, 6, *range(10, 15)]
    with write_session(engine) as session:
        store(
            session,
            blocks=[block(height) for height in held],
            ranges=[crawl_range(0, 9), crawl_range(15, 19), crawl_range(20, 21, attempts=0)],
            crawl=[crawl_state(21)],
        )

    with read_session(engine) as session:
        known = network.crawl(session)

    assert known.missing == ((15, 21), (7, 9), (3, 4))
    assert known.missing_count == 12
    assert (known.held, known.expected) == (10, 22)


def test_heights_between_the_plan_and_the_head_are_missing_too(engine):
    with write_session(engine) as session:
        store(session, blocks=[block(4)], crawl=[crawl_state(9, crawl_from=4, planned_to=4)])

    with read_session(engine) as session:
        known = network.crawl(session)

    assert known.missing == ((5, 9),)
    assert (known.held, known.expected) == (1, 6)


def test_a_block_newer_than_the_head_last_seen_is_counted_as_held(engine):
    with write_session(engine) as session:
        store(session, blocks=[block(h) for h in range(4)], crawl=[crawl_state(2)])

    with read_session(engine) as session:
        known = network.crawl(session)

    assert known.missing == ()
    assert (known.held, known.expected) == (4, 4)


def test_a_block_that_comes_in_between_two_questions_is_not_seen_by_half(engine, monkeypatch):
    with write_session(engine) as session:
        store(
            session,
            blocks=[block(height) for height in range(9)],
            ranges=[crawl_range(9, 9)],
            crawl=[crawl_state(9)],
        )
    open_ranges = network._open_ranges

    def after_a_block_came_in(session):
        with write_session(engine) as writing:
            store(writing, blocks=[block(9)])
            writing.execute(delete(CrawlRange))
        return open_ranges(session)

    monkeypatch.setattr(network, "_open_ranges", after_a_block_came_in)
    with read_session(engine) as session:
        known = network.crawl(session)

    assert known.newest.height == 8
    assert known.missing == ((9, 9),)
    assert known.held == 9


def test_of_very_many_ranges_the_newest_are_shown_and_all_are_counted(engine, monkeypatch):
    monkeypatch.setattr(network, "MISSING_SHOWN", 2)
    ranges = [crawl_range(height, height) for height in (1, 3, 5)]
    with write_session(engine) as session:
        store(session, ranges=ranges, crawl=[crawl_state(6)])

    with read_session(engine) as session:
        known = network.crawl(session)

    assert known.missing == ((5, 5), (3, 3))
    assert known.missing_count == 3


def test_before_the_first_crawl_nothing_is_expected(engine):
    with read_session(engine) as session:
        known = network.crawl(session)

    assert known == Crawl()
    assert (known.held, known.expected) == (0, 0)


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_subtracting_leaves_exactly_the_heights_that_are_not_held(wanted, held):
    ranges = merged([(height, height) for height in sorted(wanted, reverse=True)])

    left = subtract(ranges, sorted(wanted & held, reverse=True))

    heights = [h for first, last in left for h in range(last, first - 1, -1)]
    assert heights == sorted(wanted - held, reverse=True)
