"""Tokens in the panel: what a form asks for, and how one stands."""

from datetime import UTC, datetime, timedelta

import pytest

from casper_dash.admin.state import Mistake
from casper_dash.admin.tokens_rows import token_row, wanted
from casper_dash.auth.tokens import Scope
from casper_dash.queries.operation.tokens import Token

NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)
SOON = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("expires", "revoked", "active", "state"),
    [
        (SOON, None, True, "live"),
        (SOON, None, False, "idle"),
        (NOW, None, True, "expired"),
        (SOON, NOW, True, "revoked"),
        (NOW, NOW, False, "revoked"),
    ],
)
def test_a_token_stands_as_its_times_and_its_owner_say(expires, revoked, active, state):
    token = Token("id", "ci", "read", NOW, expires, None, revoked, "Ana", active)

    assert token_row(token, NOW).state == state


def test_a_form_names_scopes_and_days():
    found = wanted({"name": " ci ", "scope-read": "on", "days": "7"}, NOW)

    assert (found.name, found.scopes, found.until) == (
        "ci",
        frozenset({Scope.READ}),
        NOW + timedelta(days=7),
    )


@pytest.mark.parametrize("form", ["coverage", {}, {"days": "9999"}, {"days": "-1"}])
def test_a_life_that_is_not_offered_is_refused(form):
    with pytest.raises(Mistake):
        wanted(form, NOW)
