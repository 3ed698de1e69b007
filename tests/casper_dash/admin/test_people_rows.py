"""What administrators are shown of people, and what they are told before they change a role."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.admin.people_forms import reason, role, text
from casper_dash.admin.people_rows import (
    LAST,
    PersonRow,
    invited_rows,
    person_rows,
    role_effects,
)
from casper_dash.admin.people_sessions import device_name
from casper_dash.admin.state import Mistake
from casper_dash.auth.people import Listed
from casper_dash.auth.roles import Role
from casper_dash.queries.operation.people import Around, Open

NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)
NOTHING = Around({}, {}, {})


def listed(name: str, role: Role = Role.VIEWER, state: str = "active") -> Listed:
    return Listed(name, f"{name}@example.org", name, role, state, True, NOW, None)


def test_the_only_active_administrator_is_guarded_and_nobody_else():
    everybody = [
        listed("Ana", Role.ADMINISTRATOR),
        listed("Bo", Role.ADMINISTRATOR, "deactivated"),
        listed("Cy", Role.EDITOR),
    ]

    rows = person_rows(everybody, NOTHING, "Ana")

    assert {row.name: row.guard for row in rows} == {"Ana": LAST, "Bo": "", "Cy": ""}


def test_of_two_administrators_none_is_guarded():
    rows = person_rows(
        [listed("Ana", Role.ADMINISTRATOR), listed("Bo", Role.ADMINISTRATOR)], NOTHING, "Ana"
    )

    assert [row.guard for row in rows] == ["", ""]


def test_who_was_invited_is_no_person_yet():
    everybody = [listed("Ana"), listed("Bo", state="invited")]

    assert [row.name for row in person_rows(everybody, NOTHING, "")] == ["Ana"]
    assert [row.name for row in invited_rows(everybody, {})] == ["Bo"]


@pytest.mark.parametrize(
    ("link", "letter", "trouble"),
    [
        (None, "its link has expired", True),
        (Open(NOW, "sent", ""), "sent", False),
        (Open(NOW, "waiting", "connection refused"), "waits to be sent: connection refused", True),
        (Open(NOW, "failed", "550 no such user"), "refused: 550 no such user", True),
    ],
)
def test_an_invitation_says_what_became_of_its_letter(link, letter, trouble):
    links = {"Bo": link} if link else {}

    [row] = invited_rows([listed("Bo", state="invited")], links)

    assert (row.letter, row.trouble) == (letter, trouble)


def test_a_lower_role_says_what_is_lost_with_sessions_and_scopes():
    row = PersonRow(name="Bo", role="administrator", sessions=2, tokens=1)

    assert role_effects(row, Role.EDITOR) == [
        "May no longer invite, change and dismiss people, and read letters.",
        "2 sessions of Bo will end at once.",
        "The scope administer of their tokens will be worth nothing.",
    ]


def test_a_higher_role_says_what_is_won():
    effects = role_effects(PersonRow(name="Bo", role="viewer", tokens=1), Role.ADMINISTRATOR)

    assert effects == [
        "May now decide, operate the crawl, and publish.",
        "May now invite, change and dismiss people, and read letters.",
    ]


def test_a_scope_that_was_beyond_the_person_before_is_no_loss():
    row = PersonRow(name="Bo", role="viewer", tokens=1)

    assert role_effects(row, Role.EDITOR) == ["May now decide, operate the crawl, and publish."]


@given(st.sampled_from(Role), st.sampled_from(Role))
def test_only_the_same_role_changes_nothing(before, after):
    effects = role_effects(PersonRow(role=str(before)), after)

    assert (effects == []) == (before == after)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox 140 on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
            "Edge 141 on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML,"
            " like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            "Safari 18 on iOS",
        ),
        ("curl/8.14.1", "curl/8.14.1"),
        ("", "unknown"),
    ],
)
def test_a_device_is_named_by_its_browser_and_system(agent, name):
    assert device_name(agent) == name


@given(st.text(max_size=300))
def test_whatever_a_browser_calls_itself_it_gets_a_short_name(agent):
    assert 0 < len(device_name(agent)) <= 320


@pytest.mark.parametrize("form", ["coverage", None, 7, {}, {"reason": " "}, {"reason": ["x"]}])
def test_nothing_is_done_without_a_reason(form):
    with pytest.raises(Mistake, match="A reason is needed"):
        reason(form)


@given(st.text(min_size=255, max_size=300).filter(lambda one: len(one.strip()) > 254))
def test_a_field_without_end_is_refused(value):
    with pytest.raises(Mistake, match="at most 254"):
        text({"name": value}, "name")


@pytest.mark.parametrize("name", ["owner", "", None, 3, []])
def test_a_role_that_there_is_not_is_refused(name):
    with pytest.raises(Mistake):
        role(name)
