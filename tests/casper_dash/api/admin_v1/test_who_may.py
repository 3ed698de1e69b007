"""Every route refuses whoever may not; the list of routes is the application's own."""

import pytest

from casper_dash.auth import people
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import signed_in
from casper_dash.auth.tokens import Scope
from crawler.database import write_session
from tests.casper_dash.api.admin_v1.office import NOBODY, PREFIX, Badge, filled

pytestmark = pytest.mark.anyio
ABOVE_VIEWERS = 40
"""So many routes at least are not for viewers: else the list is not what it was."""


async def outcomes(office, by, routes=None, **headers):
    """Route → status of the answer."""
    return {
        (method, path): (await office.ask(method, path, by, "{}", **headers)).status_code
        for method, path in (office.routes() if routes is None else routes)
    }


def needs(office):
    """Route → what it asks of its caller, as it is declared."""
    found = {("GET", "/openapi.json"): (Role.VIEWER, Scope.READ, False)}
    for each in office.readings:
        need = (each.need.role, each.need.scope, each.need.session_only)
        for path in (each.resource.path, each.resource.item_path):
            found["GET", filled(path).removeprefix(PREFIX)] = need
    for each in office.actions:
        need = (each.need.role, each.need.scope, each.need.session_only)
        found["POST", filled(each.path).removeprefix(PREFIX)] = need
    return {route: found[route] for route in office.routes()}


async def test_every_route_has_its_declaration(office_on_sqlite):
    routes = list(office_on_sqlite.routes())

    assert len(needs(office_on_sqlite)) == len(routes) > ABOVE_VIEWERS


async def test_nobody_is_refused_everywhere(office_on_sqlite):
    made_up = Badge({"authorization": "Bearer cdash_" + "x" * 43})
    session = Badge({"cookie": "__Host-session=" + "x" * 43, "origin": "https://dash.example.org"})
    for by in (NOBODY, made_up, session):
        assert set((await outcomes(office_on_sqlite, by)).values()) == {401}


async def test_a_role_that_is_too_low_is_refused_everywhere(office_on_sqlite):
    office = office_on_sqlite
    refused = 0
    for (method, path), (role, _scope, _by_hand) in needs(office).items():
        for lower in (each for each in Role if each < role):
            answer = await office.ask(method, path, office.people[lower], "{}")
            assert answer.status_code == 403, (method, path, lower)
            assert f"needs the role {role}" in answer.json()["detail"]
            refused += lower is Role.VIEWER

    assert refused > ABOVE_VIEWERS


async def test_a_token_without_the_scope_is_refused_everywhere(office_on_sqlite):
    office = office_on_sqlite
    badges = {scope: office.token(Role.ADMINISTRATOR, *(set(Scope) - {scope})) for scope in Scope}
    for (method, path), (_role, scope, by_hand) in needs(office).items():
        answer = await office.ask(method, path, badges[scope], "{}")
        assert answer.status_code == 403, (method, path)
        assert by_hand or f"the scope {scope}" in answer.json()["detail"]


async def test_what_is_done_by_hand_no_token_does(office_on_sqlite):
    office = office_on_sqlite
    everything = office.token(Role.ADMINISTRATOR, *Scope)
    by_hand = [route for route, need in needs(office).items() if need[2]]

    assert by_hand == [("POST", "/tokens/make")]
    assert set((await outcomes(office, everything, by_hand)).values()) == {403}


async def test_a_token_that_has_ended_is_refused_everywhere(office_on_sqlite, clock):
    expired = office_on_sqlite.token(Role.ADMINISTRATOR, *Scope, days=1)
    clock.passes(days=1)

    assert set((await outcomes(office_on_sqlite, expired)).values()) == {401}


async def test_a_token_whose_owner_fell_below_its_scope_is_refused_everywhere(office_on_sqlite):
    office = office_on_sqlite
    token = office.token(Role.EDITOR, Scope.CURATE)
    with write_session(office.place.engine) as session:
        ada = office.people[Role.ADMINISTRATOR].headers["cookie"]
        by = signed_in(session, ada, office.place.now())
        people.change_role(session, by, token.id, Role.VIEWER, "")

    assert set((await outcomes(office, token)).values()) == {403}


async def test_another_origins_page_is_refused_everywhere(office_on_sqlite):
    office = office_on_sqlite
    everything = office.token(Role.ADMINISTRATOR, *Scope)
    for by in (office.people[Role.ADMINISTRATOR], everything):
        for foreign in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            assert set((await outcomes(office, by, **foreign)).values()) == {403}


async def test_a_session_changes_nothing_without_its_origin(office_on_sqlite):
    office = office_on_sqlite
    ada = Badge({"cookie": office.people[Role.ADMINISTRATOR].headers["cookie"]})
    posts = [route for route in office.routes() if route[0] == "POST"]

    assert set((await outcomes(office, ada, posts)).values()) == {403}


async def test_no_answer_is_kept_or_open_to_other_origins(office_on_sqlite):
    office = office_on_sqlite
    for by in (NOBODY, office.people[Role.ADMINISTRATOR]):
        for method, path in office.routes():
            answer = await office.ask(method, path, by, "{}")
            assert answer.headers["cache-control"] == "no-store", path
            assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_every_action_refuses_fields_that_it_does_not_know(office_on_sqlite):
    office = office_on_sqlite
    by = office.people[Role.ADMINISTRATOR]
    for action in office.actions:
        path = filled(action.path).removeprefix(PREFIX)
        answer = await office.post(path, by, {"surprise": 1})
        assert answer.status_code == 400, path
        assert "unknown field" in answer.json()["detail"] or "missing" in answer.json()["detail"]
        assert action.body.__struct_config__.forbid_unknown_fields


async def test_a_body_must_be_json_of_bounded_length(office_on_sqlite):
    office = office_on_sqlite
    by = office.people[Role.ADMINISTRATOR]
    path = "/draft/undo"
    plain = await office.ask("POST", path, by, "{}", **{"content-type": "text/plain"})
    endless = await office.post(path, by, {"step": 1, "reason": "x" * 70_000})

    assert (plain.status_code, endless.status_code) == (415, 413)
