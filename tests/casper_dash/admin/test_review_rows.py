"""What the review page says of transfers, steps and of what others did."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.admin.review_rows import (
    clash_of,
    eras_between,
    newest_undoable,
    place_of,
    step_rows,
    transfer_row,
)
from casper_dash.admin.state import Mistake
from casper_dash.decisions.errors import Change
from casper_dash.decisions.moving import moved_by
from casper_dash.decisions.review import Decided, ReviewedTransfer
from tests.casper_dash.decisions.curating import HOT, VAULT

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
PLAIN = ReviewedTransfer(
    height=17,
    index=3,
    era_id=1,
    timestamp=NOW,
    deploy_hash="ab" * 32,
    from_account_hash=VAULT,
    to_account_hash=HOT,
    from_name=None,
    to_name=None,
    source="uref-" + "11" * 32 + "-007",
    target="uref-" + "22" * 32 + "-007",
    amount=5,
    depth=None,
    published=None,
    staged=None,
    version=0,
    proposal=None,
    comments=0,
)


def decided(decision: str) -> Decided:
    return Decided(decision, "Ana", NOW, f"because of {decision}")


def step(number: int, **changes: Any) -> SimpleNamespace:
    row = {"number": number, "decision": "approve", "transfers": 2, "undoes": None}
    by = {"by_id": "ana", "by": "Ana", "at": NOW, "reason": "sold"}
    return SimpleNamespace(**(row | by | changes))


def test_what_is_staged_is_shown_before_what_is_published():
    row = transfer_row(replace(PLAIN, published=decided("approve"), staged=decided("reject")))

    assert (row.key, row.status, row.reason) == ("17/3", "rejection staged", "because of reject")


def test_what_a_proposal_holds_cannot_be_picked():
    row = transfer_row(replace(PLAIN, staged=decided("approve"), proposal=4))

    assert (row.frozen, row.status) == (True, "approve in proposal 4")


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**31 - 1))
def test_a_key_names_its_place(height: int, index: int):
    assert place_of(f"{height}/{index}") == (height, index)


@pytest.mark.parametrize("key", ["", "17", "a/b", "1/2/3", "-1/0", f"{2**63}/0", None, 7, "²/1"])
def test_what_is_no_key_is_refused(key: Any):
    with pytest.raises(Mistake):
        place_of(key)


def test_who_changed_what_is_picked_is_said_with_how_many_and_when():
    changes = [
        Change("transfer 1/0", "was rejected", "Bo", NOW - timedelta(seconds=40)),
        Change("transfer 2/0", "was rejected", "Bo", NOW - timedelta(seconds=90)),
    ]

    clash = clash_of(changes, 30, NOW)

    assert clash.words == "Bo changed 30 of these 40 s ago."
    assert len(clash.changes or []) == 2
    assert clash_of([], 0, NOW).words == ""


def test_z_undoes_the_own_newest_step_that_is_not_undone_yet():
    steps = [
        step(6, by_id="bo"),
        step(5, decision="undo", undoes=4),
        step(4),
        step(3),
    ]

    assert newest_undoable(steps, "ana", NOW) == 3
    assert newest_undoable(steps, "ana", NOW + timedelta(days=2)) == 0
    assert newest_undoable(steps, "cleo", NOW) == 0


def test_a_step_that_was_undone_is_not_undone_again():
    rows = step_rows([step(5, decision="undo", undoes=4), step(4), step(3)])

    assert [row.undoable for row in rows] == [True, False, True]
    assert [row.words for row in rows][:2] == ["Undo step 4", "Approve 2 transfers"]


def test_eras_are_named_by_their_ends():
    assert [eras_between(*pair) for pair in ((7, 7), (7, 9), (None, None))] == [
        "era 7",
        "eras 7 to 9",
        "",
    ]


def test_a_decision_moves_only_what_readers_see_otherwise():
    rows = [
        replace(PLAIN, amount=1),
        replace(PLAIN, amount=10, published=decided("approve")),
        replace(PLAIN, amount=100, published=decided("reject"), staged=decided("approve")),
    ]

    moved = [moved_by(rows, decision) for decision in ("approve", "reject", "defer", "withdraw")]
    assert moved == [101, -10, 0, 0]
