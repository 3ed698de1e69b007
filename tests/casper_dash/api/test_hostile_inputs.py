"""What no honest client sends: each is refused in one clear answer, or finds nothing."""

from urllib.parse import quote

import pytest

from tests.casper_dash.api.rows import known_account, transfer
from tests.factories import block, digest, era

pytestmark = pytest.mark.anyio

NUMBERS = ["-1", "1e9", "0x10", "1_000", "٣", "+1", " 1", "1.0", "NaN", "Infinity", "9" * 40, ""]
TEXTS = [
    "' OR '1'='1",
    '"; DROP TABLE block; --',
    "%",
    "_",
    "\\",
    "\\'",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "a" * 3000,
    "\x00",
    "\r\nSet-Cookie: a=b",
    "\ud7ff\u202e",
    "💩",
]
PARAMETERS = [
    ("blocks", ["era", "from", "to", "after", "proposer", "switch", "limit", "cursor", "fields"]),
    ("transfers", ["account", "direction", "min_amount", "depth", "deploy_hash", "kind", "sort"]),
    ("flow", ["era", "account", "limit"]),
    ("supply", ["era", "at"]),
    ("prices", ["after", "before", "interval"]),
    ("series/staked", ["from", "to", "points"]),
    ("validators", ["era", "order", "format"]),
    (f"accounts/{digest('a')}/rewards", ["validator", "group", "from"]),
]
CASES = [
    (path, parameter, value)
    for path, parameters in PARAMETERS
    for parameter in parameters
    for value in NUMBERS + TEXTS
]


@pytest.fixture
def client(client, stored):
    stored(
        blocks=[block(0)],
        eras=[era(0)],
        transfers=[transfer(0)],
        accounts=[known_account(digest("a"), name="100% \\ safe_")],
    )
    return client


async def test_no_value_of_a_parameter_is_more_than_a_wrong_value(client):
    for path, parameter, value in CASES:
        answer = await client.get(f"/api/v1/{path}", params={parameter: value})

        assert answer.status_code == 400, (path, parameter, value)
        assert answer.headers["content-type"] == "application/problem+json"
        assert "set-cookie" not in answer.headers
        named = [error["parameter"] for error in answer.json()["errors"]]
        assert parameter in named


async def test_a_text_that_is_searched_for_is_text_and_no_pattern(client):
    for text in TEXTS:
        answer = await client.get("/api/v1/search", params={"q": text})

        found = answer.status_code == 200 and bool(answer.json()["data"])
        assert answer.status_code in (200, 400)
        assert found == (text in "100% \\ safe_"), text


@pytest.mark.parametrize("path", ["blocks", "eras", "accounts", "validators", "series"])
async def test_what_stands_in_a_path_is_checked_too(client, path):
    for value in [*NUMBERS[:-1], *TEXTS]:
        answer = await client.get(f"/api/v1/{path}/{quote(value, safe='')}")

        assert answer.status_code in (400, 404), value
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        b"era=%ff",
        b"era=%zz",
        b"%00=1",
        b"a" * 4096,
        b"&&&&era=0=0",
        b"era[]=0",
        b"era=0;limit=1",
        b"era=0&era=0",
    ],
)
async def test_a_query_that_is_none_is_refused(client, query):
    answer = await client.get(f"/api/v1/transfers?{query.decode('latin-1')}")

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "a" * 5000},
        {"Accept": "application/json;q=nan"},
        {"Accept": ";;;,,,q=1"},
        {"If-None-Match": '"' * 1000},
        {"Accept-Encoding": "gzip;q=1e400,*;q=-1"},
        {"Range": "bytes=0-5,10-"},
        {"Host": "evil.example"},
        {"X-HTTP-Method-Override": "DELETE"},
    ],
)
async def test_no_header_breaks_an_answer(client, headers):
    answer = await client.get("/api/v1/blocks", headers=headers)

    assert answer.status_code in (200, 406)
