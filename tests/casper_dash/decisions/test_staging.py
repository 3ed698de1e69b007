"""Curators share one draft: nothing of theirs is lost, and nothing unseen is overwritten."""

import json

import pytest
from sqlalchemy import select

from casper_dash.audit import verify
from casper_dash.audit.models import AUDIT_ENTRY
from casper_dash.decisions.comments import comment, comments_on
from casper_dash.decisions.effects import draft_effect
from casper_dash.decisions.errors import Conflict, Refused
from casper_dash.decisions.review import reviewed, selected
from casper_dash.decisions.selection import ReviewFilter
from casper_dash.decisions.staging import MOST, Seen, stage, stage_matching, undo
from tests.casper_dash.decisions.curating import ANA, BO, CSPR, EXCHANGE, HOT, PLACES, Desk
from tests.databases import dump


def test_a_staged_decision_tells_who_when_and_why(desk: Desk):
    desk.stage("approve", (5, 0), by=BO, reason="  a known exchange ")

    (found,) = desk.ask(reviewed, [(5, 0)])
    assert found.staged.decision == "approve"
    assert (found.staged.by, found.staged.at) == ("Bo", desk.now)
    assert found.staged.reason == "a known exchange"
    assert found.published is None


def test_every_step_is_in_the_audit_with_its_transfers(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    desk.stage("approve", (5, 0), (17, 3))
    desk.stage("withdraw", (17, 3), by=BO)

    rows = desk.ask(lambda session: session.execute(select(*AUDIT_ENTRY)).all())
    assert [(row.action, row.actor_name, row.reason) for row in rows] == [
        ("transfers.approve", "Ana", "because"),
        ("transfers.withdraw", "Bo", "because"),
    ]
    assert json.loads(rows[0].after) == {"transfers": ["5/0", "17/3"]}
    assert desk.ask(verify).whole


@pytest.mark.parametrize("second", ["approve", "withdraw"])
def test_a_decision_on_what_somebody_changed_meanwhile_is_refused_as_a_whole(
    desk: Desk, second: str
):
    desk.stage("approve", (5, 0), (17, 0))
    seen = desk.seen((5, 0), (17, 0))
    desk.stage("reject", (17, 0), by=BO)
    before = dump(desk.engine)

    with pytest.raises(Conflict) as caught:
        desk.do(stage, seen, second, desk.deed())
    assert dump(desk.engine) == before
    (change,) = caught.value.changes
    assert (change.object, change.by) == ("transfer 17/0", "Bo")
    assert change.at == desk.now.replace(second=desk.now.second - 1)
    assert "was rejected in step 2" in str(caught.value)


def test_what_was_withdrawn_and_staged_again_is_not_what_was_seen(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    desk.stage("approve", (5, 0))
    seen = desk.seen((5, 0))
    desk.stage("withdraw", (5, 0), by=BO)
    desk.stage("approve", (5, 0), by=BO)

    with pytest.raises(Conflict):
        desk.do(stage, seen, "reject", desk.deed())
    assert desk.staged((5, 0)) == "approve"


@pytest.mark.parametrize(
    ("seen", "decision", "words"),
    [
        ([], "approve", "1 to 1000"),
        ([Seen(height, 0, 0) for height in range(MOST + 1)], "approve", "1 to 1000"),
        ([Seen(5, 0, 0), Seen(5, 0, 0)], "approve", "named twice"),
        ([Seen(5, 7, 0)], "approve", "no native transfer 5/7"),
        ([Seen(2**64, 0, 0)], "approve", "no native transfer"),
        ([Seen(42, 1, 0)], "approve", "no native transfer 42/1"),
        ([Seen(5, 0, 0)], "destroy", "a decision is one of"),
        ([Seen(5, 0, 0)], "withdraw", "nothing is staged"),
    ],
)
def test_a_wrong_wish_changes_nothing(desk_on_sqlite: Desk, seen, decision, words):
    desk = desk_on_sqlite
    before = dump(desk.engine)

    with pytest.raises(Refused, match=words):
        desk.do(stage, seen, decision, desk.deed())
    assert dump(desk.engine) == before


@pytest.mark.parametrize("reason", ["", " \n", "x" * 501, "a\x00b"])
def test_a_reason_is_needed_and_bounded(desk_on_sqlite: Desk, reason: str):
    with pytest.raises(Refused, match="reason"):
        desk_on_sqlite.deed(reason=reason)


# Undo


def test_undo_puts_back_what_was_staged_with_its_author(desk: Desk):
    desk.stage("approve", (5, 0), reason="first")
    step = desk.stage("reject", (5, 0), (5, 1), by=BO, reason="second")
    desk.do(undo, step.number, desk.deed(BO, "by mistake"))

    first, second = desk.ask(reviewed, [(5, 0), (5, 1)])
    assert (first.staged.decision, first.staged.by) == ("approve", "Ana")
    assert first.staged.reason == "first"
    assert second.staged is None


def test_an_undo_can_be_undone(desk: Desk):
    step = desk.stage("defer", (5, 0))
    withdrawn = desk.stage("withdraw", (5, 0))
    desk.do(undo, withdrawn.number, desk.deed())
    assert desk.staged((5, 0)) == "defer"
    with pytest.raises(Conflict):
        desk.do(undo, step.number, desk.deed())
    again = desk.stage("approve", (5, 0))
    undone = desk.do(undo, again.number, desk.deed())
    desk.do(undo, undone.number, desk.deed())

    assert desk.staged((5, 0)) == "approve"


def test_what_others_went_on_from_is_not_undone(desk: Desk):
    step = desk.stage("approve", (5, 0), (5, 1))
    desk.stage("reject", (5, 1), by=BO)
    before = dump(desk.engine)

    with pytest.raises(Conflict, match="transfer 5/1: was rejected in step 2 by Bo"):
        desk.do(undo, step.number, desk.deed())
    assert dump(desk.engine) == before


def test_a_step_that_is_not_there_is_not_undone(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    with pytest.raises(Refused, match="no step 7"):
        desk.do(undo, 7, desk.deed())


# All that a filter matches


def test_all_of_one_account_are_decided_at_once(desk: Desk):
    wanted = ReviewFilter(account=HOT, direction="in")
    shown = desk.ask(selected, wanted)
    step = desk.do(stage_matching, wanted, shown, "approve", desk.deed())

    assert (shown.transfers, shown.amount) == (3, (1 + 5 + 11) * CSPR)
    assert step.transfers == 3
    assert {place for place in PLACES if desk.staged(place)} == {(5, 0), (17, 3), (99, 0)}


def test_an_account_on_both_sides_is_decided_once(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    wanted = ReviewFilter(account=HOT)
    shown = desk.ask(selected, wanted)
    step = desk.do(stage_matching, wanted, shown, "approve", desk.deed())

    assert step.transfers == shown.transfers == 5


@pytest.mark.parametrize("statuses", [(), ("undecided",)])
def test_what_changed_since_a_selection_was_counted_is_told(desk: Desk, statuses):
    wanted = ReviewFilter(account=EXCHANGE, statuses=statuses)
    shown = desk.ask(selected, wanted)
    desk.stage("reject", (17, 0), by=BO)
    before = dump(desk.engine)

    with pytest.raises(Conflict, match=r"Bo|were shown"):
        desk.do(stage_matching, wanted, shown, "approve", desk.deed())
    assert dump(desk.engine) == before


def test_what_was_staged_and_withdrawn_since_it_was_counted_is_told(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    wanted = ReviewFilter(account=EXCHANGE)
    shown = desk.ask(selected, wanted)
    desk.stage("reject", (17, 0), by=BO)
    desk.stage("withdraw", (17, 0), by=BO)

    with pytest.raises(Conflict, match="transfer 17/0: was withdrawn in step 2 by Bo"):
        desk.do(stage_matching, wanted, shown, "approve", desk.deed())


def test_all_that_is_staged_can_be_withdrawn_and_that_be_undone(desk: Desk):
    desk.stage("approve", *PLACES[:3])
    wanted = ReviewFilter(statuses=("staged",))
    step = desk.do(stage_matching, wanted, desk.ask(selected, wanted), "withdraw", desk.deed())
    assert [desk.staged(place) for place in PLACES] == [None] * len(PLACES)
    desk.do(undo, step.number, desk.deed())

    assert [desk.staged(place) for place in PLACES[:3]] == ["approve"] * 3


def test_a_selection_of_nothing_is_refused(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    wanted = ReviewFilter(from_era=11, depths=(1,))
    with pytest.raises(Refused, match="matches no transfer"):
        desk.do(stage_matching, wanted, desk.ask(selected, wanted), "approve", desk.deed())


# Effect and talk


def test_the_drafts_effect_is_the_approved_amount_of_each_era_that_is_not_counted_yet(desk: Desk):
    desk.stage("approve", (5, 0), (17, 3))
    desk.publish_staged()
    desk.stage("approve", (5, 0), (5, 1))
    desk.stage("reject", (17, 3), (17, 0))
    desk.stage("defer", (99, 0))

    assert desk.ask(draft_effect) == {0: 2 * CSPR, 1: -5 * CSPR}


def test_the_talk_about_a_transfer_is_kept_in_order(desk: Desk):
    for by, text in ((ANA, "whose is it?"), (BO, " an exchange's ")):
        desk.do(comment, (5, 0), text, by, desk.deed().at)
    with pytest.raises(Refused, match="no transfer"):
        desk.do(comment, (5, 9), "what?", ANA, desk.now)

    rows = desk.ask(comments_on, (5, 0))
    assert [(row.number, row.by, row.text) for row in rows] == [
        (1, "Ana", "whose is it?"),
        (2, "Bo", "an exchange's"),
    ]
    (found,) = desk.ask(reviewed, [(5, 0)])
    assert found.comments == 2
