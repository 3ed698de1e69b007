import pytest

from casper_dash.api.app import create_app
from casper_dash.api.database import Database
from casper_dash.api.v0 import blocks
from casper_dash.api.v0.app import PATHS, create_v0
from casper_dash.api.v0.query_string import MAX_LENGTH
from tests.casper_dash.api.clients import asking
from tests.databases import engine_of

pytestmark = pytest.mark.anyio

NOWHERE = "mysql+pymysql://nobody:secret@127.0.0.1:1/nothing"


@pytest.mark.parametrize(("path", "text"), [("/health", "I'm fine!"), ("/", "Welcome!")])
async def test_fixed_texts(network, path, text):
    async with asking(create_app(engine_of(NOWHERE), network)) as client:
        answer = await client.get(f"/api/v0{path}")

    assert (answer.status_code, answer.text) == (200, text)
    assert answer.headers["content-type"] == "text/plain"


async def test_the_description_is_this_releases(client):
    answer = await client.get("/api/v0/explorer/openapi.json", follow_redirects=True)

    assert answer.url.path == "/api/openapi.json"
    assert answer.json()["openapi"].startswith("3.")


async def test_json_is_compact_and_has_no_charset(ask, chain):
    answer = await ask("/block", filter={"fields": ["blockHeight", "switch"], "limit": 2})

    assert answer.headers["content-type"] == "application/json"
    assert answer.text == '[{"blockHeight":0,"switch":false},{"blockHeight":1,"switch":false}]'


async def test_paths_are_case_sensitive_and_one_trailing_slash_is_accepted(ask, chain):
    assert (await ask("/block/")).status_code == 200
    assert (await ask("/block/total/")).status_code == 200
    assert (await ask("/block//")).status_code == 404
    assert (await ask("/Block")).status_code == 404


@pytest.mark.parametrize("path", ["/nosuch", "/block/nosuch", "/login"])
async def test_no_such_path_is_404_with_method_and_path(ask, path):
    answer = await ask(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json() == {
        "error": {
            "statusCode": 404,
            "name": "NotFoundError",
            "message": f'Endpoint "GET {path}" not found.',
        }
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
async def test_other_methods_are_405_with_those_allowed(client, method):
    answer = await client.request(method, "/api/v0/block")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert answer.json()["error"]["statusCode"] == 405


async def test_head_is_get_without_body(client, chain):
    get, head = await client.get("/api/v0/block"), await client.head("/api/v0/block")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers


async def test_unknown_parameters_are_ignored(ask, chain):
    assert (await ask("/block", nosuch="1", blockHeight="3")).json()[0]["blockHeight"] == 3


@pytest.mark.parametrize("text", ["5", " 5", "5 ", "+5", "1e0", "0.5e1", "05", "5.0", "5."])
async def test_a_number_is_whatever_javascript_takes(ask, chain, text):
    found = (await ask("/era", blockHeight=text)).json()

    assert [row["id"] for row in found] == [0]


@pytest.mark.parametrize("text", ["1.5", "-1", "1e99", "1e-99", "-1e999999999", "9" * 400])
async def test_a_number_that_cannot_match_finds_nothing(ask, chain, text):
    answer = await ask("/era", id=text)

    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(
    "text", ["abc", "", " ", "1,5", "0x10", "Infinity", "NaN", "1_0", "٣", "1e", "--1"]
)
async def test_no_number_is_an_invalid_parameter(ask, text):
    answer = await ask("/block", blockHeight=text)

    assert answer.status_code == 400
    assert answer.json() == {
        "error": {
            "statusCode": 400,
            "name": "BadRequestError",
            "message": f'Invalid data "{text}" for parameter "blockHeight".',
            "code": "INVALID_PARAMETER_VALUE",
        }
    }


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("blockHeight=1&blockHeight=2", '["1","2"]'),
        ("hash=a&hash=b", '["a","b"]'),
        ("hash[x]=1", '{"x":"1"}'),
        ("hash[]=1", '["1"]'),
    ],
)
async def test_a_value_given_twice_or_in_brackets_is_an_invalid_parameter(client, query, shown):
    error = (await client.get(f"/api/v0/block?{query}")).json()["error"]

    name = query.split("=")[0].split("[")[0]
    assert error["message"] == f'Invalid data {shown} for parameter "{name}".'


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T12:00:00Z",
        "2026-11-24T12:00:00.123456789Z",
        "2026-11-24T15:00:00+03:00",
        "2026-11-24t12:00:00z",
    ],
)
async def test_a_time_is_rfc_3339_with_its_zone(ask, chain, text):
    assert [row["id"] for row in (await ask("/era", timestamp=text)).json()] == [0]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24",
        "2026-11-24T12:00:00",
        "2026-11-24 12:00:00Z",
        "2026-13-24T12:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "now",
        "",
    ],
)
async def test_other_text_is_no_time(ask, chain, text):
    assert (await ask("/era", timestamp=text)).status_code == 400


async def test_a_query_that_is_too_long_is_refused(migrated_sqlite, clock):
    async with asking(create_v0(Database(migrated_sqlite), clock, None)) as client:
        answer = await client.get("/block", params={"hash": "0" * MAX_LENGTH})

    assert answer.status_code == 414
    assert answer.json()["error"]["statusCode"] == 414


@pytest.mark.parametrize("path", sorted(PATHS - {"/", "/health", "/explorer/openapi.json"}))
async def test_while_the_database_is_away_it_is_503_with_retry_after(network, path):
    needed = {"account": "0" * 64, "validator": "01" + "0" * 64}
    async with asking(create_app(engine_of(NOWHERE), network)) as client:
        answer = await client.get(f"/api/v0{path}", params=needed)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["error"]["statusCode"] == 503


async def test_a_bug_is_500_without_its_traceback(ask, chain, monkeypatch):
    monkeypatch.setattr(blocks, "_FIELDS", {"blockHeight": lambda row: row["gone"]})

    answer = await ask("/block")

    assert answer.status_code == 500
    assert answer.json() == {"error": {"statusCode": 500, "message": "Internal Server Error"}}


async def test_anyone_may_read_every_answer_errors_included(client, chain):
    for path in ("block", "block?blockHeight=99", "nosuch", "block?blockHeight=x", "health"):
        headers = (await client.get(f"/api/v0/{path}")).headers

        assert headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize("path", ["/block", "/nosuch"])
async def test_options_on_any_path_is_204_and_echoes_the_asked_headers(client, path):
    answer = await client.options(
        f"/api/v0{path}", headers={"Access-Control-Request-Headers": "X-Mine, Accept"}
    )

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["content-length"] == "0"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert answer.headers["access-control-allow-headers"] == "X-Mine, Accept"
    assert answer.headers["vary"] == "Access-Control-Request-Headers"


async def test_an_answer_that_is_held_is_confirmed_without_a_query(client, chain, queries):
    etag = (await client.get("/api/v0/block?blockHeight=3")).headers["etag"]
    queries.clear()

    answer = await client.get("/api/v0/block?blockHeight=3", headers={"If-None-Match": etag})

    assert (answer.status_code, queries) == (304, [])
