"""Nothing that was decided is forgotten."""

from casper_dash.decisions.history import newest_steps, published_past, staged_past
from casper_dash.decisions.proposals import propose_restoring
from casper_dash.decisions.staging import undo
from tests.casper_dash.decisions.curating import BO, Desk


def test_a_transfers_past_is_told_with_who_when_and_why(desk: Desk):
    desk.stage("defer", (5, 0))
    step = desk.stage("reject", (5, 0), (5, 1), by=BO, reason="no")
    desk.do(undo, step.number, desk.deed())
    desk.stage("approve", (5, 0), reason="yes")
    desk.publish_staged()
    desk.publish(desk.do(propose_restoring, desk.network, 0, desk.deed(), needs_second=False))

    past = desk.ask(staged_past, (5, 0))
    assert [(row.number, row.decision, row.undoes, row.by) for row in past] == [
        (4, "approve", None, "Ana"),
        (3, "defer", 2, "Ana"),
        (2, "reject", None, "Bo"),
        (1, "defer", None, "Ana"),
    ]
    published = desk.ask(published_past, (5, 0))
    assert [(row.publication, row.approved, row.reason) for row in published] == [
        (2, None, None),
        (1, True, "yes"),
    ]
    assert desk.ask(published_past, (5, 1)) == []


def test_steps_are_paged_newest_first_of_everybody_or_of_one(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    for by in (BO, None, BO):
        desk.stage("approve", (5, 0), **({"by": by} if by else {}))

    assert [row.number for row in desk.ask(newest_steps, limit=2)] == [3, 2]
    assert [row.number for row in desk.ask(newest_steps, before=2)] == [1]
    assert [row.number for row in desk.ask(newest_steps, by_id="bo")] == [3, 1]
