"""The unlock schedule as text."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from casper_dash.admin.unlocks_rows import step_rows, steps_csv, sum_of
from casper_dash.decisions.schedule import Step
from casper_dash.decisions.schedule_csv import parse_schedule

GENESIS = datetime(2021, 3, 31, 15, tzinfo=UTC)
_DATES = st.integers(0, 10**12).map(lambda ms: GENESIS + timedelta(milliseconds=ms))
_NOTES = st.none() | st.text(
    st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40
).map(str.strip).filter(bool)
_STEPS = st.lists(
    st.builds(Step, _DATES, st.integers(0, 10**37), _NOTES), unique_by=lambda step: step.date
)


@given(_STEPS)
def test_what_is_written_as_a_file_reads_as_the_same_steps(steps: list[Step]):
    assert parse_schedule(steps_csv(steps)) == (steps, [])


@given(_STEPS, st.integers(0, 10**38))
def test_locked_and_unlocked_are_the_weight_after_every_step(steps: list[Step], weight: int):
    rows = step_rows(steps, GENESIS, weight)

    assert all(int(row.locked) + int(row.unlocked) == weight for row in rows)
    assert sum(int(row.amount) for row in rows) == (int(rows[-1].unlocked) if rows else 0)


def test_a_sum_says_by_how_much_it_is_short_or_over():
    assert sum_of(0).state == "exact"
    assert sum_of(1_500_000_000).words.startswith("Short by 1.5 CSPR")
    assert sum_of(-1).words.startswith("Over by 0.000000001 CSPR")
