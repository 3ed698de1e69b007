"""What the page that publishes says of proposals and effects."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.admin.publish_rows import (
    draft_words,
    era_page,
    proposal_row,
    signed_cspr,
    warnings_of,
)
from casper_dash.decisions.checks import Check
from casper_dash.decisions.effects import Effects, EraEffect
from crawler.derive.supply import Supply

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)


@given(st.integers(-(10**30), 10**30))
def test_a_signed_amount_holds_every_mote(motes: int):
    text = signed_cspr(motes).removesuffix(" CSPR").replace("\u2009", "")
    whole, _, decimals = text[1:].partition(".")

    sign = {"+": 1, "−": -1, "±": 0}[text[0]]
    assert sign * (int(whole) * 10**9 + int(decimals.ljust(9, "0") or 0)) == motes


def test_only_another_person_can_confirm_a_proposal():
    assert not _shown(state="proposed", by_id="me").can_confirm
    assert _shown(state="proposed", by_id="other").can_confirm
    assert not _shown(state="proposed", by_id="other").can_publish


@pytest.mark.parametrize("state", ["approved", "failed"])
def test_what_waits_or_failed_can_be_published_or_withdrawn(state: str):
    assert _shown(state=state).can_publish
    assert _shown(state=state).can_withdraw


def test_a_publication_under_way_can_only_be_cancelled_while_its_worker_lives():
    alive = _shown(state="working", lease_until=NOW + timedelta(seconds=30), done=1, total=4)
    dead = _shown(state="working", lease_until=NOW - timedelta(seconds=1))

    assert (alive.state, alive.per_mille, alive.can_publish) == ("working", 250, False)
    assert not alive.can_withdraw
    assert (dead.state, dead.can_publish, dead.can_withdraw) == ("stalled", True, True)


def test_a_proposal_from_before_another_publication_can_only_be_withdrawn():
    row = _shown(state="approved", base=3, seen=4)

    assert not row.can_publish
    assert row.can_withdraw
    assert "publication 4" in row.moved_on


def test_warnings_are_what_fails_without_stopping_it():
    checks = (
        Check("a", True, "fine"),
        Check("b", False, "wrong"),
        Check("c", False, "short by 3 motes", blocking=False),
    )

    assert warnings_of(_effects(checks=checks)) == ["c: short by 3 motes"]


def test_eras_are_turned_by_their_ids():
    effects = _effects(eras=[EraEffect(era, None, Supply(era, 0, 0)) for era in range(5, 50)])

    assert [row.era_id for row in era_page(effects, 10)] == list(range(10, 30))
    assert era_page(effects, 50) == []
    assert era_page(effects, 5)[0].before is None


def test_the_draft_is_told_without_what_is_deferred():
    assert draft_words({"approve": 1200, "defer": 5}, None) == "transfers: 1\u2009200 approved"
    assert draft_words({"reject": 2}, 7) == "transfers: 2 rejected · unlock schedule 7"
    assert draft_words({"defer": 5}, None) == ""


def _shown(*, seen: int = 3, **changes: Any):
    values = {
        "number": 8,
        "state": "approved",
        "base": 3,
        "restores": None,
        "decisions": 2,
        "by_id": "me",
        "by": "Me",
        "at": NOW,
        "reason": "because",
        "confirmed_by": None,
        "lease_until": None,
        "done": 0,
        "total": 0,
        "cancelled_by": None,
        "error": None,
        "ended_at": None,
    }
    return proposal_row(SimpleNamespace(**(values | changes)), "me", seen, NOW)


def _effects(*, eras: Any = (), checks: Any = ()) -> Effects:
    return Effects(3, tuple(eras), None, 0, (), tuple(checks))
