"""What the page that publishes reads, on both databases."""

import pytest
from sqlalchemy import Engine

from casper_dash.queries.operation.publish import marks, published_before, staged_counts
from tests.casper_dash.decisions.curating import Desk, fill, network_with


@pytest.fixture
def desk(engine: Engine) -> Desk:
    network = network_with()
    fill(engine, network)
    return Desk(engine, network)


def test_marks_change_with_each_step_proposal_and_publication(desk: Desk):
    seen = [desk.ask(marks)]
    desk.stage("approve", (5, 0))
    seen.append(desk.ask(marks))
    number = desk.propose()
    seen.append(desk.ask(marks))
    desk.publish(number)
    seen.append(desk.ask(marks))

    assert len(set(seen)) == 4


def test_the_draft_is_counted_by_decision_without_what_is_proposed(desk: Desk):
    desk.stage("approve", (5, 0), (5, 1))
    desk.stage("defer", (17, 0))
    assert desk.ask(staged_counts) == {"approve": 2, "defer": 1}

    desk.propose()

    assert desk.ask(staged_counts) == {"defer": 1}


def test_publications_are_listed_newest_first_with_their_proposal(desk: Desk):
    for place in ((5, 0), (17, 0)):
        desk.stage("approve", place)
        desk.publish_staged()

    rows = desk.ask(published_before)

    assert [(row.id, row.decisions) for row in rows] == [(2, 1), (1, 1), (0, None)]
    assert [row.id for row in desk.ask(published_before, before=2, limit=1)] == [1]
