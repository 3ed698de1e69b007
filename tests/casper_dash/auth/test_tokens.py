"""Tokens for programs: scopes, ends, and never above their owner's role."""

from datetime import timedelta

import pytest

from casper_dash.auth import people
from casper_dash.auth.errors import NotAllowed, NotPossible
from casper_dash.auth.roles import Role
from casper_dash.auth.tokens import Scope, Wanted, bearer_of, make_token, revoke_token, tokens_of
from crawler.database import write_session
from tests.casper_dash.auth.browsing import joined, person_of
from tests.databases import dump

pytestmark = pytest.mark.anyio
BO = "bo@example.org"


def make(place, by, *scopes, days=30, name="nightly"):
    until = place.now() + timedelta(days=days)
    with write_session(place.engine) as session:
        return make_token(session, by, Wanted(name, frozenset(scopes), until), place.now())


def bearer(place, header):
    with write_session(place.engine) as session:
        return bearer_of(session, header, place.now())


async def test_a_token_acts_for_its_owner_within_its_scopes(place, by):
    token = make(place, by, Scope.READ)
    found = bearer(place, f"Bearer {token}")

    assert (found.id, found.role) == (by.id, Role.ADMINISTRATOR)
    assert found.may(Scope.READ)
    assert not found.may(Scope.CURATE)
    assert found.actor("192.0.2.1").name == "Ana (token nightly)"
    assert token not in str(dump(place.engine))


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer cdash_", "Basic {}", "{}", "Bearer  {}", "Bearer {}x"],
)
async def test_what_is_no_token_is_nobodys(place, by, header):
    assert bearer(place, header.format(make(place, by, Scope.READ))) is None


async def test_a_token_ends_by_itself_and_when_it_is_revoked(place, by, clock):
    short, long = make(place, by, Scope.READ, days=1), make(place, by, Scope.READ, days=30)
    clock.passes(days=1)
    assert bearer(place, f"Bearer {short}") is None
    found = bearer(place, f"bearer {long}")
    with write_session(place.engine) as session:
        revoke_token(session, by, found.token_id, clock())

    assert bearer(place, f"Bearer {long}") is None
    with write_session(place.engine) as session:
        listed = tokens_of(session, by.id)
    assert {each.last_used_at is None for each in listed} == {True, False}


async def test_a_token_is_worth_no_more_than_its_owner_is_now(place, by):
    bo = person_of(await joined(place, by, BO, Role.EDITOR))
    token = make(place, bo, Scope.CURATE)
    assert bearer(place, f"Bearer {token}").may(Scope.CURATE)
    with write_session(place.engine) as session:
        people.change_role(session, by, bo.id, Role.VIEWER, "")
    assert not bearer(place, f"Bearer {token}").may(Scope.CURATE)
    with write_session(place.engine) as session:
        people.deactivate(session, by, bo.id, "")

    assert bearer(place, f"Bearer {token}") is None


async def test_nobody_makes_a_token_above_their_own_role(place, by):
    bo = person_of(await joined(place, by, BO, Role.EDITOR))

    with pytest.raises(NotAllowed):
        make(place, bo, Scope.READ, Scope.ADMINISTER)


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"days": -1}, {"days": 400}, {"name": ""}, {"name": "a\nb"}]
)
async def test_a_token_has_a_name_and_an_end(place, by, wrong):
    with pytest.raises(NotPossible):
        make(place, by, Scope.READ, **wrong)


async def test_a_token_has_a_scope(place, by):
    with pytest.raises(NotPossible):
        make(place, by)


async def test_a_token_is_revoked_by_its_owner_or_an_administrator(place, by):
    bo = person_of(await joined(place, by, BO, Role.EDITOR))
    make(place, by, Scope.READ)
    make(place, bo, Scope.READ)
    owner = {row["person_id"]: row["id"] for row in dump(place.engine, "api_token")["api_token"]}
    with pytest.raises(NotAllowed), write_session(place.engine) as session:
        revoke_token(session, bo, owner[by.id], place.now())
    with write_session(place.engine) as session:
        revoke_token(session, by, owner[bo.id], place.now())
    with pytest.raises(NotPossible), write_session(place.engine) as session:
        revoke_token(session, by, "nothing", place.now())
