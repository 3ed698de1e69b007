import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casper_dash.api.app import create_app
from casper_dash.api.listing import listing_parameters
from casper_dash.api.v1.blocks import BLOCKS
from tests.casper_dash.api.clients import asking
from tests.factories import block

pytestmark = pytest.mark.anyio

NAMES = [parameter.name for parameter in listing_parameters(BLOCKS, BLOCKS.listing)]

WHOLE = "a whole number from 0 to 9223372036854775807"
TIME = "a date or an RFC 3339 time: 2026-11-24 or 2026-11-24T13:05:12Z"
HUGE = str(2**63)


@pytest.fixture(autouse=True)
def three_blocks(stored):
    stored(blocks=[block(height) for height in range(3)])


async def only_error(client, query, path="/api/v1/blocks"):
    answer = await client.get(f"{path}?{query}")
    assert answer.status_code == 400, answer.text
    (error,) = answer.json()["errors"]
    return error


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("era=-1", WHOLE),
        ("era=", WHOLE),
        ("era=1.5", WHOLE),
        ("era=%201", WHOLE),
        ("era=1_0", WHOLE),
        ("era=%D9%A1", WHOLE),
        (f"from={HUGE}", WHOLE),
        (f"to={'9' * 300}", WHOLE),
        ("after=yesterday", TIME),
        ("after=2026-02-30", TIME),
        ("before=2026-11-24T12:00:00", TIME),
        ("before=1764000000", TIME),
        ("after=2026-W48-2", TIME),
        ("after=0001-01-01T00:00:00%2B14:00", TIME),
        ("proposer=01ab", "a public key: 01 and 64 or 02 and 66 hexadecimal digits"),
        (f"proposer=03{'0' * 64}", "a public key: 01 and 64 or 02 and 66 hexadecimal digits"),
        ("switch=1", "true or false"),
        ("switch=True", "true or false"),
        ("order=up", "asc or desc"),
        ("limit=0", "a whole number from 1 to 1000"),
        ("limit=1001", "a whole number from 1 to 1000"),
        ("format=xml", "json or csv or ndjson"),
        ("cursor=nonsense", "the `next` of an answer to the same query"),
        ("cursor=", "the `next` of an answer to the same query"),
        (f"cursor={'A' * 300}", "the `next` of an answer to the same query"),
        ("cursor=%C3%A9", "the `next` of an answer to the same query"),
        ("era=1&era=1", "one value"),
    ],
)
async def test_a_wrong_value_is_named_with_what_is_allowed(client, query, allowed):
    error = await only_error(client, query)

    assert error["parameter"] == query.split("=")[0]
    assert error["allowed"] == allowed


@pytest.mark.parametrize("fields", ["height,hsh", "", "height,", "height hash"])
async def test_fields_are_of_the_resource(client, fields):
    error = await only_error(client, f"fields={fields}")

    assert error["parameter"] == "fields"
    assert error["allowed"].startswith("a comma list of height, hash, parent_hash")


async def test_an_unknown_parameter_is_refused_with_the_nearest_right_name(client):
    error = await only_error(client, "propser=01")

    assert error["detail"] == "no such parameter, did you mean proposer?"
    assert "era, from, to, after, before, proposer, switch" in error["allowed"]


async def test_an_unknown_parameter_like_no_other_is_refused_too(client):
    assert (await only_error(client, "zzzz=1"))["detail"] == "no such parameter"


async def test_everything_that_is_wrong_is_named_at_once(client):
    answer = await client.get("/api/v1/blocks?era=x&limit=0&nope=1")

    assert [error["parameter"] for error in answer.json()["errors"]] == ["era", "limit", "nope"]


@pytest.mark.parametrize("path", ["/api/v1/blocks/0", "/api/v1/network"])
async def test_one_row_takes_fields_alone(client, path):
    assert (await only_error(client, "limit=1", path))["allowed"] == "fields"


@pytest.mark.parametrize("name", ["newest", "-1", "ab" * 31, HUGE, "latest%20"])
async def test_a_block_that_can_be_none_is_a_wrong_parameter(client, name):
    error = await only_error(client, "", f"/api/v1/blocks/{name}")

    assert error["parameter"] == "block"
    assert error["allowed"].endswith("or a hash: 64 hexadecimal digits, or latest")


async def test_a_query_longer_than_any_right_one_is_refused(client):
    answer = await client.get(f"/api/v1/blocks?fields={'a' * 5000}")

    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "a query is at most 4096 characters long",
    )


async def test_fields_keep_those_in_the_declared_order(client):
    answer = await client.get("/api/v1/blocks?fields=era_id,height&limit=1")

    assert list(answer.json()["data"][0].items()) == [("height", 2), ("era_id", 0)]


async def test_fields_work_on_one_row(client):
    assert (await client.get("/api/v1/blocks/1?fields=height")).json() == {"height": 1}


async def test_limit_is_100_unless_given(client, stored):
    stored(blocks=[block(height) for height in range(3, 120)])

    assert len((await client.get("/api/v1/blocks")).json()["data"]) == 100
    assert len((await client.get("/api/v1/blocks?limit=7")).json()["data"]) == 7
    assert len((await client.get("/api/v1/blocks?limit=1000")).json()["data"]) == 120


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(NAMES),
    st.text(max_size=30) | st.from_regex(r"[0-9TZ:.+-]{1,30}", fullmatch=True),
)
def test_no_value_of_any_parameter_is_more_than_a_wrong_one(engine, network, name, value):
    async def ask() -> int:
        async with asking(create_app(engine, network)) as client:
            return (await client.get("/api/v1/blocks", params={name: value})).status_code

    assert anyio.run(ask) in (200, 400)
