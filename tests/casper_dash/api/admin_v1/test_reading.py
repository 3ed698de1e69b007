"""What the admin's API tells."""

import pytest

from casper_dash.auth.roles import Role
from casper_dash.auth.tokens import Scope
from tests.casper_dash.api.admin_v1.office import PREFIX
from tests.casper_dash.decisions.curating import EXCHANGE, HOT, PLACES

pytestmark = pytest.mark.anyio


async def test_every_list_answers_as_json_and_csv(office):
    ada = office.people[Role.ADMINISTRATOR]
    lists = [each.resource for each in office.readings if each.resource.listing]
    for resource in lists:
        path = resource.path.removeprefix(PREFIX)
        as_json, as_csv = await office.get(path, ada), await office.get(f"{path}?format=csv", ada)

        assert as_json.status_code == 200, as_json.text
        assert set(as_json.json()) == {"data", "next"}
        assert as_csv.text.splitlines()[0].split(",") == [each.name for each in resource.fields]
    assert len(lists) > 12


async def test_whoever_reads_by_token_reads_the_same(office_on_sqlite):
    office = office_on_sqlite
    token = office.token(Role.VIEWER, Scope.READ)
    by_token = await office.get("/transfers", token)
    by_session = await office.get("/transfers", office.people[Role.VIEWER])

    assert by_token.json() == by_session.json()
    assert (await office.get("/me", token)).json()["name"] == "Vic (token nightly)"
    assert (await office.get("/people", token)).status_code == 403


async def test_transfers_are_filtered_as_on_the_page(office):
    vic = office.people[Role.VIEWER]

    async def places(question):
        answer = await office.get(f"/transfers?{question}", vic)
        return [(row["height"], row["index"]) for row in answer.json()["data"]]

    assert sorted(await places("")) == PLACES
    assert await places(f"account={HOT}&direction=out&order=asc") == [(17, 0), (111, 0)]
    assert await places("depth=2,3&order=asc") == [(17, 0), (17, 3), (42, 0)]
    assert await places("min_amount=11000000000&max_amount=12000000000") == [(99, 0)]
    assert await places("from_era=1&to_era=1&order=asc") == [(17, 0), (17, 3)]
    assert await places("status=approved,staged") == []


async def test_pages_of_transfers_by_amount_follow_one_another(office):
    vic = office.people[Role.VIEWER]
    seen, cursor = [], ""
    while cursor is not None:
        answer = await office.get(f"/transfers?sort=amount&limit=3{cursor}", vic)
        seen += [row["amount"] for row in answer.json()["data"]]
        following = answer.json()["next"]
        cursor = following and f"&cursor={following}"

    amounts = [int(amount) for amount in seen]
    assert amounts == sorted(amounts, reverse=True)
    assert len(amounts) == len(PLACES)


async def test_a_wrong_parameter_is_named(office_on_sqlite):
    answer = await office_on_sqlite.get(
        "/transfers?statu=x&depth=a", office_on_sqlite.people["viewer"]
    )

    assert answer.status_code == 400
    assert [each["parameter"] for each in answer.json()["errors"]] == ["statu", "depth"]


async def test_one_sees_own_sessions_and_an_administrator_anybodys(office_on_sqlite):
    office = office_on_sqlite
    vic, ada = office.people[Role.VIEWER], office.people[Role.ADMINISTRATOR]
    own = await office.get("/sessions", vic)
    of_ada = await office.get(f"/sessions?person={ada.id}", vic)
    of_vic = await office.get(f"/sessions?person={vic.id}", ada)

    assert of_ada.status_code == 403
    assert own.json() == of_vic.json()
    assert len(own.json()["data"]) == 1


async def test_the_list_of_tokens_tells_no_secret(office_on_sqlite):
    office = office_on_sqlite
    token = office.token(Role.EDITOR, Scope.CURATE)
    answer = await office.get("/tokens", office.people[Role.EDITOR])

    assert [row["name"] for row in answer.json()["data"]] == ["nightly"]
    assert token.headers["authorization"].split("_")[1] not in answer.text


async def test_the_document_describes_every_route(office_on_sqlite):
    office = office_on_sqlite
    answer = await office.get("/openapi.json", office.people[Role.VIEWER])
    described = answer.json()["paths"]

    for route in office.app.routes:
        method = "post" if "POST" in route.methods else "get"
        if not route.path.endswith("openapi.json"):
            assert method in described[route.path], route.path
    decide = described[f"{PREFIX}/draft/decide"]["post"]
    assert decide["description"] == "Needs the role editor; of a token, the scope curate."
    assert "401" in described[f"{PREFIX}/audit"]["get"]["responses"]


async def test_an_account_without_a_label_has_none(office_on_sqlite):
    answer = await office_on_sqlite.get(f"/labels/{EXCHANGE}", office_on_sqlite.people[Role.VIEWER])

    assert answer.status_code == 404
