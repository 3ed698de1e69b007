"""What no honest client sends: each is refused in one clear answer, or finds nothing."""

from urllib.parse import quote, urlencode

import pytest

from casper_dash.api.app import create_app
from casper_dash.api.document import document
from crawler.network import load_network
from tests.casper_dash.api.clients import asking
from tests.casper_dash.api.rows import known_account, transfer
from tests.factories import VALIDATORS, block, digest, era

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
IN_PATHS = {
    "{block}": "0",
    "{era}": "0",
    "{account}": digest("a"),
    "{public_key}": VALIDATORS[0],
    "{publication}": "0",
    "{metric}": "staked",
}
NEEDED = {"/api/v1/flow": "era=0", "/api/v1/search": "q=a"}
ENCODED = [b"%ff", b"%c0%af", b"%ed%a0%80", b"%zz", b"%", b"%2527%2520OR%25201", b"%00", b"\xff"]
"""No UTF-8, overlong, half a surrogate, no encoding at all, encoded twice."""


def _places():
    """(path, parameter) of every query parameter of version 1 that is no free text."""
    for path, item in document(load_network("casper"))["paths"].items():
        for name, value in IN_PATHS.items():
            path = path.replace(name, value)
        for parameter in item["get"]["parameters"]:
            if parameter["in"] == "query" and parameter["name"] != "q":
                yield path, parameter["name"]


PLACES = [place for place in _places() if not place[0].startswith("/api/v0")]
V0_PLACES = [place for place in _places() if place[0].startswith("/api/v0")]


@pytest.fixture
def client(client, stored):
    stored(
        blocks=[block(0)],
        eras=[era(0)],
        transfers=[transfer(0)],
        accounts=[known_account(digest("a"), name="100% \\ safe_")],
    )
    return client


@pytest.fixture
async def refusing(migrated_sqlite, network):
    """What is refused is so before the database is asked: one of both is enough."""
    async with asking(create_app(migrated_sqlite, network)) as it:
        yield it


async def refused(client, path, query, parameter):
    needed = "" if parameter in NEEDED.get(path, "") else NEEDED.get(path, "")
    answer = await client.get(f"{path}?{query}&{needed}")

    assert answer.status_code == 400, (path, query)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "set-cookie" not in answer.headers
    assert parameter in [error["parameter"] for error in answer.json()["errors"]]


async def test_no_value_of_any_parameter_is_more_than_a_wrong_value(refusing):
    for path, parameter in PLACES:
        for value in NUMBERS + TEXTS:
            await refused(
                refusing, path, urlencode({parameter: value}, errors="replace"), parameter
            )


async def test_no_encoding_smuggles_a_value_past_the_check(refusing):
    for path, parameter in PLACES:
        for value in ENCODED:
            await refused(refusing, path, f"{parameter}={value.decode('latin-1')}", parameter)


async def test_no_parameter_may_be_given_twice(refusing):
    for path, parameter in PLACES:
        await refused(refusing, path, f"{parameter}=0&{parameter}=0", parameter)


async def test_every_parameter_of_v0_answers_in_its_form_whatever_it_is_given(client):
    values = [urlencode({"": value}, errors="replace")[1:] for value in NUMBERS + TEXTS]
    values += [value.decode("latin-1") for value in ENCODED]
    for path, parameter in V0_PLACES:
        for value in values:
            answer = await client.get(f"{path}?{parameter}={value}")

            assert answer.status_code in (200, 400, 404, 503), (path, parameter, value)
            assert answer.status_code != 503 or path.endswith("/accountBalance")
            if answer.status_code != 200:
                assert answer.json()["error"]["statusCode"] == answer.status_code


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
