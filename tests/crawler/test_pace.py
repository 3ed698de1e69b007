import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.node.pace import Pace

METHOD = "chain_get_block"


def _settled(pace: Pace, latency_s, rounds: int = 5900) -> int:
    """The limit after many answers of a node whose time depends on the calls in flight."""
    for _ in range(rounds):
        pace.answered(METHOD, latency_s(pace.limit))
    return pace.limit


def test_a_node_that_answers_as_fast_with_many_calls_gets_as_many_as_there_are():
    assert _settled(Pace(64), lambda _: 0.05) == 64


@pytest.mark.parametrize("calls_a_second", [50, 100, 1000])
def test_a_node_that_throttles_by_delaying_is_kept_busy_but_not_flooded(calls_a_second: int):
    alone_s = 0.05

    limit = _settled(Pace(256), lambda n: max(alone_s, n / calls_a_second))

    enough = calls_a_second * alone_s
    assert enough <= limit <= enough + 16


def test_refusals_halve_the_limit_and_answers_bring_it_back():
    pace = Pace(64)
    _settled(pace, lambda _: 0.05)

    pace.refused()
    assert pace.limit == 32

    assert _settled(pace, lambda _: 0.05) == 64


def test_a_slow_method_does_not_count_against_a_fast_one():
    pace = Pace(64)

    for _ in range(2900):
        pace.answered("chain_get_block", 0.02)
        pace.answered("chain_get_era_info_by_switch_block", 2.0)

    assert pace.limit == 64


def test_a_node_that_became_slower_for_good_is_used_fully_again():
    pace = Pace(64)
    _settled(pace, lambda _: 0.02)

    assert _settled(pace, lambda _: 0.2, rounds=10_000) == 64


@given(st.lists(st.one_of(st.none(), st.floats(0, 60)), max_size=300), st.integers(1, 100))
def test_the_limit_stays_between_one_and_the_most(answers: list[float | None], most: int):
    pace = Pace(most)
    for took_s in answers:
        if took_s is None:
            pace.refused()
        else:
            pace.answered(METHOD, took_s)

        assert 1 <= pace.limit <= most
