import pytest

from casper_dash.queries.eras import era_with_id, newest_complete_era, settled_era
from casper_dash.queries.eras import running_era as newest_era
from casper_dash.queries.history import settled_height
from crawler.database import read_session, write_session
from tests.factories import (
    CSPR,
    crawl_range,
    crawl_state,
    derive_state,
    era,
    era_supply,
    era_touch,
    running_era,
    store,
)


@pytest.fixture
def ask(engine):
    def stored_then_asked(question, *args, **rows):
        with write_session(engine) as session:
            store(session, **rows)
        with read_session(engine) as session:
            return question(session, *args)

    return stored_then_asked


@pytest.mark.parametrize(
    ("rows", "final"),
    [
        ({"crawl": [crawl_state(30)]}, True),
        ({"crawl": [crawl_state(19)]}, True),
        ({"crawl": [crawl_state(30)], "ranges": [crawl_range(20, 30)]}, True),
        ({"crawl": [crawl_state(30)], "ranges": [crawl_range(19, 30)]}, False),
        ({"crawl": [crawl_state(30)], "ranges": [crawl_range(3, 3)]}, False),
        ({"crawl": [crawl_state(18)]}, False),
        ({"crawl": [crawl_state(30, crawl_from=1)]}, False),
        ({}, False),
    ],
)
def test_an_era_is_final_when_nothing_is_missing_from_genesis_to_its_end(ask, rows, final):
    found = ask(era_with_id, 1, eras=[era(1)], **rows)

    assert found["final"] is final


@pytest.mark.parametrize(("first_missing", "final"), [(14, True), (13, False), (5, False)])
def test_a_running_era_is_final_up_to_its_newest_block(ask, first_missing, final):
    found = ask(
        era_with_id,
        1,
        eras=[running_era(1, blocks=4)],
        crawl=[crawl_state(19)],
        ranges=[crawl_range(first_missing, 19)],
    )

    assert found["final"] is final


def test_circulating_parts_are_those_of_the_publication_that_readers_see(ask):
    rows = [era_supply(1), era_supply(1, publication=1, transfers=9 * CSPR)]

    found = ask(era_with_id, 1, eras=[era(1)], supplies=rows, derive=[derive_state(publication=1)])

    assert (found["publication"], found["circulating_transfers"]) == (1, 9 * CSPR)


def test_a_circulating_supply_that_is_not_worked_out_is_unknown(ask):
    found = ask(era_with_id, 1, eras=[era(1)], supplies=[era_supply(0)], derive=[derive_state()])

    assert (found["publication"], found["circulating_rewards"]) == (None, None)


def test_the_running_era_is_the_newest_and_the_latest_the_newest_complete_one(ask):
    eras = [era(0), era(1), era(2, complete=False), running_era(3, blocks=1)]

    assert ask(newest_era, eras=eras)["id"] == 3
    assert ask(newest_complete_era)["id"] == 1


def test_without_eras_there_is_neither(ask):
    assert ask(newest_era) is None
    assert ask(newest_complete_era) is None


@pytest.mark.parametrize(
    ("rows", "settled"),
    [
        ({"crawl": [crawl_state(45)]}, 3),
        ({"crawl": [crawl_state(45)], "ranges": [crawl_range(25, 25)]}, 1),
        ({"crawl": [crawl_state(45)], "touches": [era_touch(1, stale=True)]}, 0),
        ({"crawl": [crawl_state(45)], "touches": [era_touch(1, stale=False)]}, 3),
        ({"crawl": [crawl_state(45, crawl_from=5)]}, -1),
        ({}, -1),
    ],
)
def test_eras_are_settled_up_to_the_first_that_can_change(ask, rows, settled):
    eras = [*map(era, range(4)), running_era(4, blocks=6)]

    assert ask(settled_era, eras=eras, **rows) == settled


def test_heights_are_settled_below_the_first_that_may_be_missing(ask):
    assert ask(settled_height, crawl=[crawl_state(45)]) == 45
    assert ask(settled_height, ranges=[crawl_range(20, 29)]) == 19
