"""Whatever two curators do in whatever order, and wherever it is killed: figures are those of the
approvals, nobody's decision is lost, and what was published once stays as it was."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from casper_dash.audit import Actor, verify
from casper_dash.decisions.errors import DecisionError
from casper_dash.decisions.proposals import propose_restoring, withdraw
from casper_dash.decisions.publishing import LEASE
from casper_dash.decisions.review import reviewed
from casper_dash.decisions.staging import undo
from crawler.derive.supply import Supply, stored_supplies, supplies
from tests.casper_dash.decisions.curating import (
    AMOUNTS,
    ANA,
    BO,
    PLACES,
    Desk,
    Place,
    fill,
    network_with,
)
from tests.crawler.storing import crash_at
from tests.databases import empty

CURATORS = st.sampled_from([ANA, BO])
_STAGE = st.tuples(
    st.just("stage"),
    CURATORS,
    st.sets(st.sampled_from(PLACES[:4]), min_size=1, max_size=3),
    st.sampled_from(["approve", "reject", "approve", "reject", "defer", "withdraw"]),
)
_UNDO = st.tuples(st.just("undo"), CURATORS, st.integers(0, 3))
_PUBLISH = st.tuples(st.just("publish"), CURATORS, st.none() | st.integers(0, 70))
STEPS = st.one_of(
    *(_STAGE, _STAGE, _UNDO, _PUBLISH, _PUBLISH),
    st.tuples(st.just("propose"), CURATORS),
    st.tuples(st.just("withdraw"), CURATORS),
    st.tuples(st.just("restore"), CURATORS, st.integers(0, 5), st.none() | st.integers(0, 70)),
)

Draft = dict[Place, tuple[str, str]]


class Model:
    """What ought to be: decisions by transfer, with the name of who staged them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.draft: Draft = {}
        self.steps: list[tuple[int, Draft, Draft]] = []
        self.frozen: Draft = {}
        self.restores: int | None = None
        self.open: int | None = None
        self.published: list[Draft] = [{}]
        self.kept: list[dict[int, Supply]] = [desk.ask(stored_supplies, 0)]

    def stage(self, by: Actor, places: set[Place], decision: str) -> None:
        blocked = places & self.frozen.keys()
        blocked = blocked or (decision == "withdraw" and places - self.draft.keys())
        before = dict(self.draft)
        step = self.attempt(bool(blocked), self.desk.stage, decision, *sorted(places), by=by)
        if step is not None:
            for place in places:
                self.draft.pop(place, None)
                if decision != "withdraw":
                    self.draft[place] = (decision, by.name)
            self.note(step.number, places, before)

    def note(self, number: int, places: Any, before: Draft) -> None:
        was = {place: before[place] for place in places if place in before}
        now = {place: self.draft[place] for place in places if place in self.draft}
        touched = dict.fromkeys(places, ("", ""))
        self.steps = [
            (other, old, left) for other, old, left in self.steps if not left.keys() & touched
        ]
        self.steps.append((number, was, touched | now))

    def undo(self, by: Actor, back: int) -> None:
        """Only steps that nobody went on from are left in `steps`."""
        if not self.steps:
            return
        number, was, left = self.steps[back % len(self.steps)]
        blocked = bool(left.keys() & self.frozen.keys())
        before = dict(self.draft)
        step = self.attempt(blocked, self.desk.do, undo, number, self.desk.deed(by))
        if step is not None:
            for place in left:
                self.draft.pop(place, None)
            self.draft |= was
            self.note(step.number, left, before)

    def propose(self, by: Actor) -> None:
        moving = {place: each for place, each in self.draft.items() if each[0] != "defer"}
        number = self.attempt(self.open is not None or not moving, self.desk.propose, by)
        if number is not None:
            self.open, self.frozen = number, moving

    def restore(self, by: Actor, target: int, kill: int | None) -> None:
        target %= len(self.published)
        blocked = self.open is not None or target >= len(self.published) - 1
        deed = self.desk.deed(by)
        network = self.desk.network
        number = self.attempt(
            *(blocked, self.desk.do, propose_restoring, network, target, deed), needs_second=False
        )
        if number is not None:
            self.open, self.restores = number, target
            self.publish(by, kill)

    def withdraw(self, by: Actor) -> None:
        if self.open is not None:
            self.desk.now += LEASE
            self.desk.do(withdraw, self.open, self.desk.deed(by))
            self.open, self.frozen, self.restores = None, {}, None

    def publish(self, by: Actor, kill: int | None) -> None:
        """Killed at that statement; what did not come through is published after all."""
        if self.open is None:
            self.propose(by)
        if self.open is None:
            return
        with crash_at(self.desk.engine, kill):
            self.desk.publish(self.open, by)
        if self.desk.publication < len(self.published):
            self.check()
            self.desk.now += LEASE
            self.desk.publish(self.open, by)
        before = self.published[-1 if self.restores is None else self.restores]
        self.published.append(before | self.frozen)
        self.draft = {p: each for p, each in self.draft.items() if p not in self.frozen}
        self.steps = [step for step in self.steps if not step[2].keys() & self.frozen.keys()]
        self.open, self.frozen, self.restores = None, {}, None
        self.kept.append(self.desk.ask(stored_supplies, self.desk.publication))

    def attempt(self, refused: bool, deed: Any, *args: Any, **named: Any) -> Any:
        if not refused:
            return deed(*args, **named)
        with pytest.raises(DecisionError):
            deed(*args, **named)
        return None

    def check(self) -> None:
        desk = self.desk
        seen = desk.publication
        assert seen == len(self.published) - 1
        found = {(row.height, row.index): row for row in desk.ask(reviewed, PLACES)}
        staged = {p: (row.staged.decision, row.staged.by) for p, row in found.items() if row.staged}
        assert staged == self.draft
        public = {
            p: (row.published.decision, row.published.by)
            for p, row in found.items()
            if row.published
        }
        assert public == self.published[-1]
        for publication, kept in enumerate(self.kept):
            assert desk.ask(stored_supplies, publication) == kept
        figures = dict(desk.ask(lambda s: list(supplies(s, desk.network, seen, 0))))
        assert figures == self.kept[-1]
        approved = sum(AMOUNTS[p] for p, each in self.published[-1].items() if each[0] == "approve")
        assert figures[max(figures)].transfers == approved


def play(engine: Engine, steps: list[tuple[Any, ...]]) -> None:
    empty(engine)
    desk = Desk(engine, network_with())
    fill(engine, desk.network)
    model = Model(desk)
    for name, *given_ in steps:
        getattr(model, name)(*given_)
        model.check()
    assert desk.ask(verify).whole


unhurried = settings(suppress_health_check=list(HealthCheck))


@settings(unhurried, max_examples=10)
@given(st.lists(STEPS, min_size=12, max_size=24))
def test_any_sequence_of_two_curators_keeps_every_figure(migrated_sqlite, steps):
    play(migrated_sqlite, steps)


@pytest.mark.mysql
@settings(unhurried, max_examples=2)
@given(st.lists(STEPS, min_size=10, max_size=14))
def test_any_sequence_of_two_curators_keeps_every_figure_on_a_server(migrated_mysql, steps):
    play(migrated_mysql, steps)
