"""The past that home's lines are drawn from."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from casper_dash.admin.samples import Sample, Samples, path

NOW = Sample(lag=1, held=0, missing=0, p95_ms=None, failures=0, size=1)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_rates_are_growth_a_second_of_a_counter_that_may_begin_anew():
    clock = Clock()
    past = Samples(clock)
    for held in (0, 50, 100, 20, 40):
        past.note(replace(NOW, held=held))
        clock.now += 10

    assert past.rates("held") == [5, 5, 100 / 30, 70 / 30]


def test_the_past_is_half_an_hour_whoever_asks_how_often():
    clock = Clock()
    past = Samples(clock)
    for _ in range(10_000):
        past.note(NOW)
        clock.now += 1

    assert len(past.values("lag")) == 451
    assert past.span_s() == 1800


@given(st.lists(st.none() | st.floats(0, 1e12), max_size=30))
def test_a_line_stays_in_its_box_and_breaks_where_nothing_is_known(values: list[float | None]):
    drawn = path(values)

    known = [value for value in values if value is not None]
    points = [tuple(map(float, one.split(","))) for one in re.findall(r"[\d.]+,[\d.]+", drawn)]
    assert len(points) == (len(known) if len(known) > 1 else 0)
    assert all(0 <= x <= 100 and 2 <= y <= 22 for x, y in points)
