"""Schedules come from their seed alone, and the first two hundred leave nothing out."""

from crawler.sandbox.faults import parse_faults
from tests.crawler.faults.schedule import (
    DISTURBANCES,
    FAULTS,
    HORIZON_S,
    LIES,
    DatabaseCutOff,
    DatabaseDown,
    HeadMoves,
    MachineKilled,
    MachineStopped,
    NodeCutOff,
    NodeFaulty,
    schedule,
)

DRAWN = [schedule(seed) for seed in range(1, 201)]
TROUBLES = [act.trouble for drawn in DRAWN for act in drawn.acts]


def test_a_seed_gives_the_same_schedule_again():
    assert [schedule(seed) for seed in range(1, 201)] == DRAWN


def test_two_hundred_seeds_have_every_kind_of_trouble():
    assert {type(trouble) for trouble in TROUBLES} == {
        NodeFaulty,
        NodeCutOff,
        DatabaseCutOff,
        DatabaseDown,
        MachineKilled,
        MachineStopped,
        HeadMoves,
    }
    for kind in (NodeCutOff, DatabaseCutOff):
        assert {each.how for each in TROUBLES if isinstance(each, kind)} == set(DISTURBANCES)


def test_two_hundred_seeds_have_every_fault_of_a_node():
    drawn = [trouble.faults for trouble in TROUBLES if isinstance(trouble, NodeFaulty)]

    assert all(faults in drawn for faults in (*FAULTS, *LIES))
    for faults in (*FAULTS, *LIES):
        parse_faults(faults)


def test_most_nodes_tell_the_truth_at_any_time_and_the_last_always_does():
    for drawn in DRAWN:
        faulty = [act.trouble for act in drawn.acts if isinstance(act.trouble, NodeFaulty)]
        liars = {trouble.node for trouble in faulty if trouble.faults in LIES}

        assert 2 * len(liars) < drawn.nodes
        assert drawn.nodes - 1 not in {trouble.node for trouble in faulty}


def test_everything_is_well_again_at_the_end():
    for drawn in DRAWN:
        assert all(0 <= act.start_s < act.end_s <= HORIZON_S for act in drawn.acts)
