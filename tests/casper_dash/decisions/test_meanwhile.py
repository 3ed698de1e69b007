"""What is told of a selection before it is decided: what it would move, and what others did."""

import pytest

from casper_dash.decisions.meanwhile import all_reviewed, conflict_of, newest_step, stale
from casper_dash.decisions.moving import moved_by, would_move
from casper_dash.decisions.selection import ReviewFilter
from tests.casper_dash.decisions.curating import BO, PLACES, Desk


@pytest.mark.parametrize("decision", ["approve", "reject", "defer", "withdraw"])
def test_a_filter_would_move_what_its_transfers_would(desk: Desk, decision: str):
    desk.stage("approve", (5, 0), (17, 3))
    desk.stage("reject", (99, 0))
    desk.publish_staged()
    desk.stage("reject", (5, 0))

    for wanted in (ReviewFilter(), ReviewFilter(from_era=1, max_amount=10**10)):
        rows = [
            row
            for row in desk.ask(all_reviewed, PLACES)
            if row.era_id >= (wanted.from_era or 0)
            and row.amount <= (wanted.max_amount or row.amount)
        ]
        assert desk.ask(would_move, wanted, decision) == moved_by(rows, decision)


def test_only_what_others_changed_of_the_picked_is_stale(desk: Desk):
    desk.stage("defer", (17, 0))
    picked = {(5, 0): 0, (17, 0): 1, (99, 0): 0}
    assert desk.ask(conflict_of, picked) is None

    desk.stage("approve", (17, 0), (42, 0), by=BO)

    assert desk.ask(stale, picked) == [(17, 0)]
    conflict = desk.ask(conflict_of, picked)
    assert (conflict.count, conflict.changes[0].by) == (1, "Bo")
    assert desk.ask(newest_step) == 2


def test_what_a_proposal_took_is_stale(desk: Desk):
    desk.stage("approve", (5, 0))
    desk.propose()

    assert desk.ask(stale, {(5, 0): 1, (5, 1): 0}) == [(5, 0)]


def test_more_places_than_one_question_bears_are_read(desk_on_sqlite: Desk):
    places = [(height, 0) for height in range(1500)]

    found = desk_on_sqlite.ask(all_reviewed, places)

    assert [(row.height, row.index) for row in found] == [
        place for place in PLACES if place[1] == 0
    ]
