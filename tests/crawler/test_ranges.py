"""Which heights are missing, who crawls them, and how far a crawl is."""

from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from crawler import coverage, ranges, state
from crawler.database import DatabaseUnusable, read_session, transact
from crawler.derive.progress import derive_all
from crawler.models.chain import BLOCK, Block
from crawler.models.work import CRAWL_RANGE, CRAWL_STATE
from crawler.network import Network
from crawler.progress import Rate, Standing, standing, time_left
from crawler.ranges import LEASE, NEWEST_BLOCKS, RANGE_BLOCKS, split
from tests.crawler import storing
from tests.crawler.storing import START


@given(st.integers(0, 10**6), st.integers(-5, 2000))
def test_pieces_cover_every_height_once(first: int, count: int):
    last = first + count - 1
    pieces = list(split(first, last))

    assert [h for low, high in pieces for h in range(low, high + 1)] == list(range(first, last + 1))
    assert all(high - low < RANGE_BLOCKS for low, high in pieces)
    if count > 0:
        assert pieces[-1] == (max(first, last - NEWEST_BLOCKS + 1), last)


def plan(engine: Engine, first: int, last: int) -> None:
    transact(engine, partial(ranges.plan, first=first, last=last))


def planned(engine: Engine) -> list[tuple[int, int]]:
    with read_session(engine) as session:
        question = select(CRAWL_RANGE.first, CRAWL_RANGE.last).order_by(CRAWL_RANGE.first)
        return [tuple(row) for row in session.execute(question)]


def test_what_a_range_covers_is_not_planned_again(engine: Engine):
    plan(engine, 10, 19)
    plan(engine, 5, 40)

    assert planned(engine) == [(5, 9), (10, 19), (20, 20), (21, 40)]


def test_the_lowest_range_is_claimed_first_and_each_once(engine: Engine):
    plan(engine, 0, 230)
    claims = [storing.claim(engine, owner, START) for owner in "abc"]

    assert [claimed and (claimed.first, claimed.last) for claimed in claims] == [
        (0, 199),
        (200, 210),
        (211, 230),
    ]
    assert storing.claim(engine, "d", START) is None


def test_the_follower_claims_the_newest_above_a_height(engine: Engine):
    plan(engine, 0, 230)

    assert storing.claim(engine, "a", START, above=205).first == 211
    assert storing.claim(engine, "a", START, above=205).first == 200
    assert storing.claim(engine, "a", START, above=205) is None


def test_a_range_is_free_again_when_its_lease_has_run_out(engine: Engine):
    plan(engine, 0, 9)
    lost = storing.claim(engine, "lost", START)

    assert storing.claim(engine, "b", START + LEASE) is None
    taken = storing.claim(engine, "b", START + LEASE + timedelta(seconds=1))
    assert taken.heights == lost.heights
    assert not transact(engine, partial(ranges.renew, claimed=lost, now=START))
    assert transact(engine, partial(ranges.renew, claimed=taken, now=START))


def test_a_lease_that_is_renewed_holds(engine: Engine):
    plan(engine, 0, 9)
    claimed = storing.claim(engine, "a", START)
    transact(engine, partial(ranges.renew, claimed=claimed, now=START + LEASE))

    assert storing.claim(engine, "b", START + LEASE + timedelta(seconds=1)) is None


def test_a_range_that_failed_waits_longer_each_time_and_keeps_the_reason(engine: Engine):
    plan(engine, 0, 9)
    now, pauses = START, []
    for _ in range(12):
        claimed = storing.claim(engine, "a", now)
        transact(engine, partial(ranges.release, claimed=claimed, error="x" * 900, now=now))
        with read_session(engine) as session:
            row = session.execute(select(*CRAWL_RANGE)).one()
        pauses.append(row.lease_until - now)
        now = row.lease_until + timedelta(seconds=1)

    assert pauses == sorted(pauses)
    assert pauses[0] <= timedelta(seconds=1)
    assert pauses[-1] == timedelta(minutes=5)
    assert row.last_error == "x" * 500
    assert row.owner is None


def test_a_range_that_was_given_back_is_free_at_once(engine: Engine):
    plan(engine, 0, 9)
    claimed = storing.claim(engine, "a", START)
    transact(engine, partial(ranges.release, claimed=claimed, error=None, now=START))

    assert storing.claim(engine, "b", START) is not None


def test_a_range_is_done_when_the_database_holds_all_of_it(engine: Engine, network, fetched):
    storing.begin(engine, network)
    storing.see_head(engine, fetched[9])
    claimed = storing.claim(engine, "a", START)
    storing.store(engine, fetched[:9])

    assert not storing.finish(engine, claimed)
    storing.store(engine, fetched[9:10])
    assert storing.finish(engine, claimed)
    assert planned(engine) == []


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([5, 0], (0, 49)),
        ([20, 0], (0, 49)),
        ([60, 0], (0, 49)),
        ([30, 35, 10], (10, 49)),
    ],
)
def test_a_first_height_that_moves_leaves_no_gap(
    engine: Engine, network: Network, fetched, moves: list[int], expected: tuple[int, int]
):
    storing.begin(engine, network)
    storing.see_head(engine, fetched[49])
    for crawl_from in moves:
        storing.begin(engine, network, crawl_from=crawl_from)
    covered = [h for low, high in planned(engine) for h in range(low, high + 1)]

    assert len(covered) == len(set(covered))
    assert set(range(expected[0], expected[1] + 1)) <= set(covered)


def test_another_network_is_refused(engine: Engine, network: Network):
    storing.begin(engine, network)

    with pytest.raises(DatabaseUnusable, match="holds the network 'casper-sandbox', NETWORK names"):
        transact(engine, partial(state.open_crawl, network="casper", crawl_from=0))


def test_a_failure_is_kept_until_the_head_is_seen_again(engine: Engine, network, fetched):
    storing.begin(engine, network)
    transact(engine, partial(state.note_failure, reason="no node answers"))
    assert standing(engine).failure == "no node answers"
    storing.see_head(engine, fetched[3])

    assert standing(engine).failure is None


def test_the_head_notes_when_it_moved_and_when_it_was_seen(engine: Engine, network, fetched):
    storing.begin(engine, network)
    storing.see_head(engine, fetched[3], START)
    later = START + timedelta(seconds=9)
    storing.see_head(engine, fetched[3], later)
    with read_session(engine) as session:
        row = session.execute(select(*CRAWL_STATE)).one()

    assert (row.head_changed_at, row.head_seen_at) == (START, later)
    assert (row.head_height, row.head_hash) == (3, fetched[3].block.hash)


def test_standing_counts_held_blocks_of_begun_ranges_too(engine: Engine, network, fetched):
    storing.begin(engine, network)
    storing.see_head(engine, fetched[29])
    assert standing(engine).held == 0
    storing.claim(engine, "a", START)
    storing.store(engine, fetched[:4])

    assert (standing(engine).held, standing(engine).expected) == (4, 30)
    assert not standing(engine).complete
    storing.complete(engine, network, fetched)
    assert standing(engine).complete


def test_a_crawl_without_its_depths_is_not_complete(engine: Engine, network, fetched):
    storing.begin(engine, network)
    storing.see_head(engine, fetched[9])
    claimed = storing.claim(engine, "a", START)
    storing.store(engine, fetched[:10])
    storing.finish(engine, claimed)

    assert standing(engine).held == 10
    assert not standing(engine).complete


@pytest.mark.parametrize(
    ("missing", "rate", "told"),
    [
        (0, 5, "none"),
        (10, 0, "unknown"),
        (10, -1, "unknown"),
        (59, 1, "59 s"),
        (200, 1, "3 min 20 s"),
        (7260, 1, "2 h 1 min"),
        (1, 100, "0 s"),
    ],
)
def test_time_left_is_told_for_people(missing: int, rate: float, told: str):
    assert time_left(Standing(0, missing, False, None), rate) == told


def test_the_rate_is_that_of_the_last_half_minute():
    clock = iter([0, 10, 20, 60])
    rate = Rate(clock=lambda: next(clock))

    assert [rate.note(held) for held in (0, 100, 400, 400)] == [0, 10, 20, 0]


def test_heights_that_a_backup_lost_are_planned_again(engine: Engine, network, fetched):
    storing.fill(engine, network, fetched)
    gone = BLOCK.height.between(10, 19) | (BLOCK.height == 40)
    transact(engine, lambda session: session.execute(delete(Block).where(gone)))
    plan(engine, 18, 20)
    with read_session(engine) as session:
        assert list(coverage.lost(session)) == [(10, 17), (40, 40)]

    assert transact(engine, coverage.plan_lost) == 9
    assert planned(engine) == [(10, 17), (18, 20), (40, 40)]
    assert transact(engine, coverage.plan_lost) == 0


def test_nothing_is_lost_before_the_first_crawl(engine: Engine):
    assert transact(engine, coverage.plan_lost) == 0


def test_a_crawl_is_not_complete_before_its_last_range_is_finished(
    engine: Engine, network: Network, fetched
):
    storing.begin(engine, network)
    storing.see_head(engine, fetched[9])
    claimed = storing.claim(engine, "a", START)
    storing.store(engine, fetched[:10])
    derive_all(engine, network)
    assert standing(engine).held == 10
    assert not standing(engine).complete

    assert storing.finish(engine, claimed)
    assert not standing(engine).complete  # depths are still to be worked out
    derive_all(engine, network)

    assert standing(engine).complete
