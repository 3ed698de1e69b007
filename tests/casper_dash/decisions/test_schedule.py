"""The unlock schedule: a version is checked before it is saved, and none is overwritten."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.decisions.errors import Conflict, Refused
from casper_dash.decisions.proposals import withdraw
from casper_dash.decisions.schedule import (
    Difference,
    Step,
    checked_steps,
    differences,
    discard_schedule,
    published_schedule,
    save_schedule,
    shortfall,
    stage_schedule,
    steps_with_notes,
)
from casper_dash.decisions.schedule_csv import parse_schedule
from tests.casper_dash.decisions.curating import BO, CSPR, VALIDATORS_WEIGHT, Desk, network_with
from tests.databases import dump
from tests.factories import GENESIS

HOUR = timedelta(hours=1)
NETWORK = network_with()


def test_a_saved_version_is_read_as_it_was_saved_and_readers_see_the_old_one(desk: Desk):
    steps = [Step(GENESIS + 2 * HOUR, 20 * CSPR, "later"), Step(GENESIS, 10 * CSPR)]
    number = desk.do(save_schedule, desk.network, steps, desk.deed(), seen=None)

    assert desk.ask(steps_with_notes, number) == sorted(steps, key=lambda step: step.date)
    assert desk.ask(published_schedule) == 0
    before = desk.ask(steps_with_notes, 0)
    assert differences(before, steps) == [
        Difference(GENESIS, None, 10 * CSPR),
        Difference(before[0].date, 40 * CSPR, None),
        Difference(GENESIS + 2 * HOUR, None, 20 * CSPR),
    ]
    again = desk.do(save_schedule, desk.network, steps[:1], desk.deed(), seen=number)
    assert again == number + 1
    assert len(desk.ask(steps_with_notes, number)) == 2


def test_two_curators_do_not_overwrite_each_others_draft(desk: Desk):
    steps = [Step(GENESIS, 1)]
    number = desk.do(save_schedule, desk.network, steps, desk.deed(BO), seen=None)
    before = dump(desk.engine)

    for seen in (None, number - 1, number + 1):
        with pytest.raises(Conflict, match=f"schedule {number}: was saved as the draft by Bo"):
            desk.do(save_schedule, desk.network, steps, desk.deed(), seen=seen)
        with pytest.raises(Conflict):
            desk.do(stage_schedule, seen, desk.deed())
    assert dump(desk.engine) == before


def test_a_proposed_schedule_is_frozen_until_it_is_withdrawn(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    number = desk.do(save_schedule, desk.network, [Step(GENESIS, 1)], desk.deed(), seen=None)
    desk.do(stage_schedule, number, desk.deed())
    proposal = desk.propose()
    with pytest.raises(Conflict, match="is in proposal 1 by Ana"):
        desk.do(discard_schedule, number, desk.deed())
    desk.do(withdraw, proposal, desk.deed())
    desk.do(discard_schedule, number, desk.deed())

    with pytest.raises(Refused, match="nothing is staged"):
        desk.propose()


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([Step(GENESIS, VALIDATORS_WEIGHT), Step(GENESIS + HOUR, 1)], "weight by 1 motes"),
        ([Step(GENESIS, -1)], "an amount is 0 or more"),
        ([Step(GENESIS, 1), Step(GENESIS + timedelta(microseconds=9), 1)], "two steps at"),
        ([Step(GENESIS - HOUR, 1)], "within 100 years after genesis"),
        ([Step(GENESIS + timedelta(days=40_000), 1)], "within 100 years after genesis"),
        ([Step(datetime(2027, 1, 1), 1)], "names no time zone"),  # noqa: DTZ001 (the point)
        ([Step(GENESIS + n * HOUR, 0) for n in range(1001)], "at most 1000 steps"),
        ([Step(GENESIS, 1, "x" * 256)], "a note has at most 255"),
    ],
)
def test_a_wrong_schedule_is_refused_and_the_old_one_stays(desk_on_sqlite: Desk, steps, words):
    desk = desk_on_sqlite
    before = dump(desk.engine)

    with pytest.raises(Refused, match=words):
        desk.do(save_schedule, desk.network, steps, desk.deed(), seen=None)
    assert dump(desk.engine) == before


@given(st.lists(st.integers(0, 40 * CSPR), max_size=5))
def test_what_stays_locked_is_told_and_too_much_is_refused(amounts: list[int]):
    steps = [Step(GENESIS + n * HOUR, amount) for n, amount in enumerate(amounts)]
    if sum(amounts) > VALIDATORS_WEIGHT:
        with pytest.raises(Refused, match="over the genesis validators' weight"):
            checked_steps(NETWORK, steps)
        return

    assert shortfall(NETWORK, checked_steps(NETWORK, steps)) == VALIDATORS_WEIGHT - sum(amounts)


# CSV


@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(2021, 4, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
            st.integers(0, 10**38 - 1),
            st.text("abc ,\"'äß", max_size=10),
        ),
        max_size=5,
        unique_by=lambda row: row[0],
    ),
    st.booleans(),
)
def test_a_written_schedule_is_read_exactly(rows, in_cspr: bool):
    unit = "amount_cspr" if in_cspr else "amount_motes"
    lines = [f"Date,{unit},note"]
    for date, motes, note in rows:
        amount = f"{motes // CSPR}.{motes % CSPR:09d}" if in_cspr else str(motes)
        quoted = note.replace('"', '""')
        lines.append(f'{date.isoformat()}Z,{amount},"{quoted}"')

    steps, errors = parse_schedule("\r\n".join(lines))
    assert errors == []
    assert steps == [
        Step(date.replace(tzinfo=UTC), motes, note.strip() or None) for date, motes, note in rows
    ]


def test_every_wrong_line_is_told():
    text = """date,amount_cspr
2027-01-01T00:00:00Z,1.5
yesterday,1
2027-01-02,-1

2027-01-03,1e3
2027-01-04,0.0000000001
2027-01-01,2
2027-01-05
2027-01-06+02:00,3
2027-01-07T02:00:00+02:00,4"""
    steps, errors = parse_schedule(text)

    assert [step.amount for step in steps] == [1_500_000_000, 4 * CSPR]
    assert steps[1].date == datetime(2027, 1, 7, tzinfo=UTC)
    assert [error.line for error in errors] == [3, 4, 6, 7, 8, 9, 10]
    assert "is not a whole number of motes" in errors[3].message
    assert "a second step" in errors[4].message


@pytest.mark.parametrize(
    "text", ["", "date\n", "date,amount_cspr,amount_motes\n", "date,amount_motes,colour\n"]
)
def test_other_columns_are_refused(text: str):
    steps, errors = parse_schedule(text)

    assert steps == []
    assert "the columns are" in errors[0].message


@given(st.text(max_size=200))
def test_no_text_makes_the_parser_fail(text: str):
    parse_schedule("date,amount_cspr,note\n" + text)
    parse_schedule(text)


@given(st.decimals(0, 10**20, places=9))
def test_cspr_become_motes_without_a_float(amount: Decimal):
    (step,), errors = parse_schedule(f"date,amount_cspr\n2027-01-01,{amount:f}")

    assert errors == []
    assert step.amount == Fraction(amount) * CSPR
