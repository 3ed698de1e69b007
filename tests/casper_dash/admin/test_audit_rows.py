"""What an entry of the audit changed, and who may see how much of it."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.admin.audit_log_chain import Checking
from casper_dash.admin.audit_log_rows import Change, changes, entry_row, wanted
from casper_dash.admin.audit_log_state import _taken
from casper_dash.admin.state import Mistake
from casper_dash.audit import Entry, Verified, Wanted

NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def entry(before: str | None = None, after: str | None = None) -> Entry:
    return Entry(
        7, NOW, "id", "Ana", "192.0.2.1", "person.role", "person x", before, after, "why", "00"
    )


def test_a_field_that_differs_is_told_and_one_that_does_not_is_not():
    before, after = '{"name":"Bo","role":"editor"}', '{"name":"Bo","role":"viewer"}'

    assert changes(before, after) == [Change("role", "editor", "viewer")]


def test_what_came_or_went_has_one_side():
    assert changes(None, '{"email":"bo@example.org"}') == [Change("email", "", "bo@example.org")]
    assert changes('{"sessions":2}', None) == [Change("sessions", "2", "")]
    assert changes('{"a":1}', '{"b":1}') == [Change("a", "1", ""), Change("b", "", "1")]


def test_a_value_inside_another_is_named_by_its_path():
    assert changes('{"supply":{"era":5}}', '{"supply":{"era":6}}') == [
        Change("supply.era", "5", "6")
    ]


def test_true_is_not_one():
    assert changes('{"public":1}', '{"public":true}') == [Change("public", "1", "true")]


@given(VALUES)
def test_a_value_does_not_differ_from_itself(value):
    assert changes(json.dumps(value), json.dumps(value)) == []


@given(VALUES, VALUES)
def test_any_two_values_that_differ_have_changes_that_swap_with_them(one, other):
    ahead = changes(json.dumps(one), json.dumps(other))
    back = changes(json.dumps(other), json.dumps(one))

    assert bool(ahead) == (json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True))
    assert [(each.name, each.after, each.before) for each in ahead] == [
        (each.name, each.before, each.after) for each in back
    ]


def test_long_values_and_many_are_cut_and_counted():
    after = json.dumps({f"field{number:02}": "x" * 1000 for number in range(30)})

    row = entry_row(entry(None, after), whole=True)

    assert (len(row.changes), row.more) == (20, 10)
    assert row.changes[0].after.endswith("… (1000 characters)")


def test_below_an_administrator_nobody_sees_addresses_or_values():
    row = entry_row(entry(None, '{"email":"bo@example.org"}'), whole=False)

    assert (row.address, row.changes) == ("", [])
    form = {"text": "bo@", "address": "192.0.2.1", "action": "person.role"}
    assert wanted(form, whole=False) == Wanted(action="person.role")
    assert wanted(form, whole=True).text == "bo@"


def test_times_of_the_filter_are_utc():
    assert wanted({"since": "2026-11-24T13:00"}, whole=False).since == NOW


@pytest.mark.parametrize("written", ["yesterday", "2026-13-01T00:00", "٢"])
def test_a_time_that_is_none_is_refused(written):
    with pytest.raises(Mistake):
        wanted({"until": written}, whole=False)


def test_an_export_ends_with_a_whole_line_and_says_that_it_is_full():
    assert _taken(["head\n", "12345\n", "6\n"], 11) == ("head\n12345\n", True)
    assert _taken(["head\n", "12345\n"], 11) == ("head\n12345\n", False)


def test_the_chain_is_verified_once_in_a_while_and_nobody_waits_for_it():
    times, go_on = [], threading.Event()

    def verify() -> Verified:
        go_on.wait(10)
        times.append(1)
        return Verified(4, "entry 5 is missing")

    checking = Checking(verify)

    assert checking.look(NOW).at == ""
    go_on.set()
    checking.wait(10)
    found = checking.look(NOW + timedelta(minutes=1))
    assert (found.count, found.fault, len(times)) == (4, "entry 5 is missing", 1)
    checking.look(NOW + timedelta(minutes=6))
    checking.wait(10)
    assert len(times) == 2


def test_a_database_that_is_away_is_asked_again_at_the_next_look():
    answers: list[Verified] = []

    def verify() -> Verified:
        return answers.pop()  # IndexError while there is none

    checking = Checking(verify)
    checking.look(NOW)
    checking.wait(10)
    answers.append(Verified(1, None))
    checking.look(NOW)
    checking.wait(10)

    assert checking.last.count == 1
