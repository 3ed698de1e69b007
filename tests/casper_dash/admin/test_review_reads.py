"""When the review page reads all of it anew, and when it asks for no more than a mark."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from casper_dash.admin.review_reads import Wanted, changed_of, question_of_picked, read_page
from casper_dash.decisions.review import selected
from casper_dash.decisions.selection import ReviewFilter
from tests.casper_dash.decisions.curating import AMOUNTS, BO, PLACES, Desk, fill, network_with
from tests.factories import CSPR

EVERYTHING = Wanted(ReviewFilter(), "height", None, {}, None, True, frozenset())


@pytest.fixture
def desk(migrated_sqlite: Engine) -> Desk:
    network = network_with()
    fill(migrated_sqlite, network)
    return Desk(migrated_sqlite, network)


def test_nothing_is_read_while_nothing_happens(desk: Desk):
    first = desk.ask(read_page, EVERYTHING)

    assert len(first.rows) == first.matching.transfers == len(PLACES)
    assert desk.ask(read_page, replace(EVERYTHING, known=first.mark)) is None


def test_a_step_and_a_publication_are_news_and_say_what_they_changed_of_the_picked(desk: Desk):
    picked = {(5, 0): 0, (99, 0): 0}
    first = desk.ask(read_page, EVERYTHING)

    desk.stage("approve", (5, 0), by=BO)
    staged = desk.ask(read_page, replace(EVERYTHING, known=first.mark, picked=picked))
    desk.publish_staged()
    published = desk.ask(read_page, replace(EVERYTHING, known=staged.mark, picked={(5, 0): 1}))

    assert (staged.conflict.count, staged.conflict.changes[0].by) == (1, "Bo")
    assert published.conflict.count == 1


def test_a_page_tells_whether_another_one_follows(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("casper_dash.admin.review_reads.ROWS", len(PLACES) - 1)

    page = desk.ask(read_page, EVERYTHING)

    assert (len(page.rows), page.more) == (len(PLACES) - 1, True)


def test_what_others_changed_is_taken_as_it_is_now_unless_a_proposal_holds_it(desk: Desk):
    picked = {(5, 0): 0, (17, 0): 0, (99, 0): 0}
    desk.stage("approve", (5, 0))
    desk.propose()
    desk.stage("reject", (17, 0), by=BO)

    assert desk.ask(changed_of, picked) == {(5, 0): None, (17, 0): (2, AMOUNTS[17, 0])}


def test_a_question_about_picked_rows_says_what_one_about_a_filter_says(desk: Desk):
    question = desk.ask(question_of_picked, PLACES, "approve")
    shown = desk.ask(selected, ReviewFilter())

    assert question.moves == 42 * CSPR
    assert replace(question.shown, samples=()) == replace(shown, samples=())
    assert [row.amount for row in question.shown.samples] == sorted(
        (AMOUNTS[place] for place in PLACES), reverse=True
    )
