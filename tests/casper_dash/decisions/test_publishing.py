"""A publication is worked out unseen and shown at once; what went before can be put back."""

import json

import pytest
from sqlalchemy import event, insert, select, update

from casper_dash.audit.models import AUDIT_ENTRY
from casper_dash.decisions import publishing, unseen
from casper_dash.decisions.effects import draft_effects, proposal_effects
from casper_dash.decisions.errors import Conflict, Refused
from casper_dash.decisions.known import publication_at, supply_as_known
from casper_dash.decisions.proposals import (
    cancel,
    confirm,
    newest_proposals,
    open_proposal,
    proposal_with,
    propose_restoring,
    withdraw,
)
from casper_dash.decisions.publishing import LEASE, Cancelled
from casper_dash.decisions.review import reviewed
from casper_dash.decisions.schedule import Step, save_schedule, stage_schedule
from casper_dash.decisions.staging import stage
from crawler.derive.supply import stored_supplies, supplies
from crawler.models.decisions import APPROVAL, PUBLICATION
from crawler.models.drafts import Proposal
from crawler.models.figures import ERA, Era
from crawler.models.legacy import LegacyTransfer
from tests import factories
from tests.casper_dash.decisions.curating import ANA, BO, CSPR, ERAS, NOW, PLACES, Desk
from tests.crawler.storing import Crash, crash_at
from tests.factories import GENESIS


def transfers_of(desk: Desk, publication: int) -> list[int]:
    """CSPR of approved transfers, era by era, as stored."""
    found = desk.ask(stored_supplies, publication)
    assert list(found) == list(range(ERAS))
    return [supply.transfers // CSPR for supply in found.values()]


def assert_published_recomputes(desk: Desk) -> None:
    publication = desk.publication
    stored = desk.ask(stored_supplies, publication)
    assert stored == dict(desk.ask(lambda s: list(supplies(s, desk.network, publication, 0))))


def test_readers_see_a_publication_whole_with_who_decided_and_why(desk: Desk):
    desk.stage("approve", (5, 0), (17, 3), by=BO, reason="an exchange's")
    staged_at = desk.now
    desk.stage("reject", (42, 0))
    assert desk.publish_staged() == desk.publication == 1

    assert transfers_of(desk, 1) == [1] + [6] * 11
    assert transfers_of(desk, 0) == [0] * 12
    first, rejected, other = desk.ask(reviewed, [(5, 0), (42, 0), (99, 0)])
    assert (first.published.decision, first.published.by) == ("approve", "Bo")
    assert (first.published.at, first.published.reason) == (staged_at, "an exchange's")
    assert rejected.published.decision == "reject"
    assert other.published is None
    assert first.staged is None
    row = desk.ask(lambda s: s.execute(select(*PUBLICATION).where(PUBLICATION.id == 1)).one())
    assert (row.published_by, row.note, row.published_at) == ("Ana", "because", desk.now)
    assert desk.ask(open_proposal) is None
    assert_published_recomputes(desk)


def test_the_effects_told_before_are_those_that_come(desk: Desk):
    desk.stage("approve", (17, 3), (99, 0))
    desk.publish_staged()
    desk.stage("approve", (5, 0), (17, 3))
    desk.stage("reject", (99, 0))
    drafted = desk.ask(draft_effects, desk.network)
    number = desk.propose()
    told = desk.ask(lambda s: proposal_effects(s, desk.network, proposal_with(s, number)))
    before = desk.ask(stored_supplies, 1)
    desk.publish(number)

    after = desk.ask(stored_supplies, 2)
    assert told.eras == drafted.eras
    assert {era.era_id: era.before for era in told.eras} == before
    assert {era.era_id: era.after for era in told.eras} == after
    assert (told.first_era, told.now) == (0, -10 * CSPR)
    assert [(era.era_id, era.moved // CSPR) for era in told.biggest] == [(9, -10), (0, 1)]
    assert [check.passed for check in told.checks] == [True, True, True, False]
    assert told.checks[-1].detail == f"short by {60 * CSPR} motes"


def test_progress_is_told_and_kept(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    desk.stage("approve", *PLACES[:3])
    number = desk.propose()
    desk.publish(number)

    assert desk.told[-1] == (15, 15)
    row = desk.ask(proposal_with, number)
    assert (row.state, row.publication) == ("published", 1)


def test_eras_that_come_while_it_is_written_are_in_it(desk: Desk, monkeypatch):
    """The last transaction works out what is missing or has changed."""
    desk.stage("approve", (5, 0))
    number = desk.propose()
    show = publishing._Work.show

    def later(work, session, network, by):
        session.execute(insert(Era), [factories.running_era(ERAS, blocks=1)])
        changed = update(Era).where(ERA.id == 7).values(total_supply=10**19 + 99)
        session.execute(changed)
        return show(work, session, network, by)

    monkeypatch.setattr(publishing._Work, "show", later)
    desk.publish(number)

    assert len(desk.ask(stored_supplies, 1)) == ERAS + 1
    assert_published_recomputes(desk)


# Two people


def test_where_a_second_person_is_needed_the_proposer_is_not_that(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    desk.stage("approve", (5, 0))
    number = desk.propose(ANA, needs_second=True)
    with pytest.raises(Refused, match="second person"):
        desk.publish(number, ANA)
    with pytest.raises(Refused, match="not the one who made it"):
        desk.do(confirm, number, desk.deed(ANA))
    desk.do(confirm, number, desk.deed(BO))
    desk.publish(number, BO)

    row = desk.ask(lambda s: s.execute(select(*PUBLICATION).where(PUBLICATION.id == 1)).one())
    assert (row.published_by, row.confirmed_by) == ("Ana", "Bo")


def test_what_is_proposed_is_frozen_and_one_is_open_at_a_time(desk: Desk):
    desk.stage("approve", (5, 0))
    number = desk.propose()
    with pytest.raises(Conflict, match=f"transfer 5/0: is in proposal {number} by Ana"):
        desk.stage("withdraw", (5, 0), by=BO)
    desk.stage("approve", (5, 1), by=BO)
    with pytest.raises(Conflict, match="proposal 1: is approved"):
        desk.propose(BO)
    desk.publish(number)

    assert desk.published((5, 1)) is None
    assert desk.staged((5, 1)) == "approve"


def test_a_withdrawn_proposal_gives_back_what_it_held(desk: Desk):
    desk.stage("approve", (5, 0))
    seen = desk.seen((5, 0))
    number = desk.propose()
    desk.do(withdraw, number, desk.deed(BO))
    desk.do(stage, seen, "reject", desk.deed())

    assert desk.staged((5, 0)) == "reject"
    with pytest.raises(Conflict, match="is withdrawn now"):
        desk.publish(number)


def test_deferred_transfers_stay_in_the_draft(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    desk.stage("defer", (5, 0))
    with pytest.raises(Refused, match="nothing is staged"):
        desk.propose()
    desk.stage("approve", (5, 1))
    desk.publish_staged()

    assert desk.staged((5, 0)) == "defer"
    assert desk.published((5, 0)) is None


def test_circulating_above_total_supply_is_not_proposed(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    desk.network = desk.network.model_copy(update={"genesis_supply": 0})
    desk.stage("approve", (5, 0))

    with pytest.raises(Refused, match="circulating is at most total supply: not in"):
        desk.propose()
    assert desk.ask(open_proposal) is None
    assert desk.staged((5, 0)) == "approve"


# Going back


def test_an_earlier_publication_comes_back_under_a_new_id_with_its_decisions(desk: Desk):
    desk.stage("approve", (5, 0), by=BO, reason="first")
    desk.stage("reject", (17, 0))
    desk.publish_staged()
    desk.stage("reject", (5, 0))
    desk.stage("approve", (99, 0), (17, 0))
    desk.publish_staged()
    number = desk.do(propose_restoring, desk.network, 1, desk.deed(), needs_second=False)
    told = desk.ask(lambda s: proposal_effects(s, desk.network, proposal_with(s, number)))
    assert desk.publish(number) == desk.publication == 3

    assert transfers_of(desk, 3) == transfers_of(desk, 1) == [1] * 12
    assert transfers_of(desk, 2) == [0] + [3] * 8 + [14] * 3
    assert [era.after for era in told.eras] == list(desk.ask(stored_supplies, 3).values())
    assert desk.published((17, 0)) == "reject"
    assert desk.published((99, 0)) is None
    (back,) = desk.ask(reviewed, [(5, 0)])
    assert (back.published.by, back.published.reason) == ("Bo", "first")
    states = {row.publication: row.state for row in desk.ask(newest_proposals)}
    assert states == {1: "published", 2: "rolled_back", 3: "published"}
    row = desk.ask(lambda s: s.execute(select(PUBLICATION.restores)).scalars().all())
    assert row == [None, None, None, 1]
    assert_published_recomputes(desk)


def test_putting_back_can_be_put_back(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    desk.stage("approve", (5, 0))
    desk.publish_staged()
    for target in (0, 1):
        desk.publish(
            desk.do(propose_restoring, desk.network, target, desk.deed(), needs_second=False)
        )

    assert [transfers_of(desk, each)[-1] for each in range(4)] == [0, 1, 0, 1]
    assert desk.published((5, 0)) == "approve"


@pytest.mark.parametrize("target", [1, 2, 7])
def test_only_an_earlier_publication_comes_back(desk_on_sqlite: Desk, target: int):
    desk = desk_on_sqlite
    desk.stage("approve", (5, 0))
    desk.publish_staged()
    with pytest.raises(Refused, match="not an earlier publication"):
        desk.do(propose_restoring, desk.network, target, desk.deed(), needs_second=False)


def test_before_an_import_nothing_comes_back_while_its_approvals_wait(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    desk.stage("approve", (5, 0))
    desk.publish_staged()
    waiting = {"height": 9, "id": 1, "era_id": 0, "deploy_hash": "ab" * 32, "sender": "a"}
    waiting |= {"submitted_at": GENESIS, "receiver": "b", "amount": 1, "approved": True}
    desk.do(lambda s: s.execute(insert(LegacyTransfer), [waiting]))

    with pytest.raises(Refused, match="imported approvals"):
        desk.do(propose_restoring, desk.network, 0, desk.deed(), needs_second=False)


# The schedule


def test_a_staged_schedule_is_published_with_the_decisions(desk: Desk):
    steps = [Step(GENESIS, 90 * CSPR, "all at once")]
    number = desk.do(save_schedule, desk.network, steps, desk.deed(), seen=None)
    desk.do(stage_schedule, number, desk.deed())
    desk.publish_staged()

    found = desk.ask(stored_supplies, 1)
    assert {supply.unlocks // CSPR for supply in found.values()} == {90}
    assert desk.ask(stored_supplies, 0)[0].unlocks == 0
    assert_published_recomputes(desk)
    with pytest.raises(Refused, match="nothing is staged"):
        desk.propose()


# As known then


def test_a_figure_is_answered_as_it_was_known_on_a_date(desk: Desk):
    desk.stage("approve", (5, 0))
    desk.publish_staged()
    first = desk.now
    desk.stage("approve", (5, 1))
    desk.publish_staged()

    assert desk.ask(publication_at, first) == 1
    assert desk.ask(supply_as_known, 4, first)[1].transfers == 1 * CSPR
    assert desk.ask(supply_as_known, 4, NOW)[1].transfers == 0
    assert desk.ask(supply_as_known, 4, desk.now) == (2, desk.ask(stored_supplies, 2)[4])
    assert desk.ask(supply_as_known, ERAS, desk.now) is None
    assert desk.ask(supply_as_known, 4, GENESIS.replace(year=2000)) is None


# What stops it


def test_a_cancelled_publication_changes_nothing_and_can_be_tried_again(desk: Desk, monkeypatch):
    monkeypatch.setattr(publishing, "BATCH", 5)
    desk.stage("approve", (5, 0))
    number = desk.propose()
    stopped = []

    def stop(*told):
        if not stopped and told[0] >= 5:
            stopped.append(told)
            desk.do(cancel, number, desk.deed(BO))

    with pytest.raises(Cancelled, match="cancelled by Bo"):
        publishing.publish(
            desk.engine, desk.network, number, ANA, clock=lambda: desk.now, progress=stop
        )
    row = desk.ask(proposal_with, number)
    assert (row.state, row.error) == ("failed", "cancelled by Bo")
    assert desk.publication == 0
    assert desk.published((5, 0)) is None
    assert desk.publish(number) == 1

    assert transfers_of(desk, 1) == [1] * 12


def test_a_worker_that_others_took_over_from_writes_nothing_more(desk_on_sqlite: Desk, monkeypatch):
    desk = desk_on_sqlite
    monkeypatch.setattr(publishing, "BATCH", 5)
    desk.stage("approve", (5, 0))
    number = desk.propose()

    def overtaken(*told):
        if told[0] == 6:
            desk.now += LEASE
            desk.publish(number, BO)

    with pytest.raises(Conflict, match="taken over"):
        publishing.publish(
            desk.engine, desk.network, number, ANA, clock=lambda: desk.now, progress=overtaken
        )
    assert desk.ask(proposal_with, number).state == "published"
    assert_published_recomputes(desk)


def test_one_that_is_being_published_is_not_published_twice(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    desk.stage("approve", (5, 0))
    number = desk.propose()
    until = desk.now + LEASE
    values = {"state": "working", "worker": "other", "lease_until": until}
    desk.do(lambda s: s.execute(update(Proposal).values(**values)))

    with pytest.raises(Conflict, match="is being published"):
        desk.publish(number)
    with pytest.raises(Conflict, match="is being published: cancel it first"):
        desk.do(withdraw, number, desk.deed())
    desk.now += LEASE
    desk.do(withdraw, number, desk.deed())
    assert desk.staged((5, 0)) == "approve"


def test_a_fault_is_told_and_leaves_the_old_figures(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    desk.stage("approve", (5, 0))
    number = desk.propose()
    broken = desk.network.model_copy(update={"genesis_validators_weight": 0})
    with pytest.raises(ZeroDivisionError):
        publishing.publish(desk.engine, broken, number, ANA, clock=lambda: desk.now)

    row = desk.ask(proposal_with, number)
    assert (row.state, row.error) == ("failed", "ZeroDivisionError")
    assert desk.publication == 0
    desk.do(withdraw, number, desk.deed())
    assert desk.staged((5, 0)) == "approve"


def statements_of(desk: Desk, act) -> int:
    """How many statements it takes."""
    count = 0

    def note(*_arguments):
        nonlocal count
        count += 1

    event.listen(desk.engine, "before_cursor_execute", note)
    act()
    event.remove(desk.engine, "before_cursor_execute", note)
    return count


def test_killed_at_any_statement_the_old_figures_stay_or_the_new_ones_are_whole(
    desk: Desk, monkeypatch
):
    """The same proposal is killed later and later, and taken up again each time."""
    monkeypatch.setattr(unseen, "BATCH", 2)
    monkeypatch.setattr(publishing, "BATCH", 7)
    desk.stage("approve", *PLACES[:5])
    number = desk.propose()
    statement = 0
    while desk.ask(proposal_with, number).state != "published":
        with crash_at(desk.engine, statement):
            desk.publish(number)
        if desk.publication == 0:
            assert transfers_of(desk, 0) == [0] * 12
            assert [desk.published(place) for place in PLACES] == [None] * len(PLACES)
        desk.now += LEASE
        statement += 4 if desk.engine.dialect.name == "sqlite" else 13

    assert statement > 80
    assert desk.publication == 1
    assert transfers_of(desk, 1) == [3] + [11] * 3 + [18] * 8
    assert [desk.staged(place) for place in PLACES] == [None] * len(PLACES)
    assert_published_recomputes(desk)


def test_what_a_killed_worker_left_is_removed_before_another_proposal_is_published(
    desk: Desk, monkeypatch
):
    desk.stage("approve", (5, 0), (5, 1))
    number = desk.propose()

    def killed(*_arguments, **_named):
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(publishing._Work, "show", killed)
        with pytest.raises(Crash):
            desk.publish(number)
    assert desk.ask(lambda s: s.execute(select(APPROVAL.publication)).scalars().all()) == [1, 1]
    desk.do(withdraw, number, desk.deed())
    desk.stage("withdraw", (5, 0))
    desk.stage("approve", (99, 0))
    desk.publish_staged()

    assert desk.publication == 1
    assert transfers_of(desk, 1) == [2] * 9 + [13] * 3
    assert desk.published((5, 0)) is None
    assert_published_recomputes(desk)


def test_the_whole_way_is_in_the_audit(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    desk.stage("approve", (5, 0))
    number = desk.propose(ANA, needs_second=True)
    desk.do(confirm, number, desk.deed(BO, "I have looked"))
    desk.publish(number, BO)

    rows = desk.ask(lambda s: s.execute(select(*AUDIT_ENTRY)).all())
    assert [(row.action, row.actor_name) for row in rows[1:]] == [
        ("proposal.make", "Ana"),
        ("proposal.confirm", "Bo"),
        ("proposal.publish", "Bo"),
        ("proposal.published", "Bo"),
    ]
    assert json.loads(rows[1].after)["circulating_moves"] == str(CSPR)
