from decimal import Decimal

import pytest

from tests.casper_dash.api.rows import peer, peer_version
from tests.factories import VALIDATORS

pytestmark = pytest.mark.anyio

TOKYO = {
    "public_key": VALIDATORS[0],
    "node_version": "1.4.5",
    "country": "JP",
    "region": "Tōkyō",
    "city": "Tōkyō",
    "postal": "135-0091",
    "timezone": "Asia/Tokyo",
    "organisation": "AS20473 Some Hosting",
    "latitude": Decimal("35.62"),
    "longitude": Decimal("-139.7"),
    "performance": Decimal("22.39"),
}


@pytest.fixture
def places(stored):
    stored(
        peer_versions=[peer_version(1), peer_version(2)],
        peers=[
            peer(1, "a:1", city="Old"),
            peer(2, "b:1", **TOKYO),
            peer(2, "a:1", city="Zug", performance=Decimal(100)),
            peer(2, "c:1", role="peer"),
            peer(2, "d:1", latitude=None, longitude=None, city=None),
        ],
    )


async def cities(ask, **given):
    answer = await ask("/validators", filter=given)
    assert answer.status_code == 200, answer.text
    return [row["city"] for row in answer.json()]


async def test_validators_of_the_newest_list_with_every_key_in_order(ask, places):
    rows = (await ask("/validators")).json()

    assert [row["city"] for row in rows] == ["Zug", "Tōkyō", None]
    assert list(rows[1].items()) == [
        ("performance", "22.39"),
        ("city", "Tōkyō"),
        ("region", "Tōkyō"),
        ("country", "JP"),
        ("loc", "35.62,-139.7"),
        ("org", "AS20473 Some Hosting"),
        ("postal", "135-0091"),
        ("timezone", "Asia/Tokyo"),
        ("api_version", "1.4.5"),
        ("public_key", VALIDATORS[0]),
    ]
    assert (rows[0]["performance"], rows[2]["loc"]) == ("100", None)


async def test_without_any_list_there_are_none(ask):
    answer = await ask("/validators")

    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"city": "TŌKYŌ"}, ["Tōkyō"]),
        ({"city": {"neq": "zug"}}, ["Tōkyō"]),
        ({"city": None}, [None]),
        ({"city": {"neq": None}}, ["Zug", "Tōkyō"]),
        ({"city": {"inq": ["zug", "x"]}}, ["Zug"]),
        ({"city": {"nin": ["zug"]}}, ["Tōkyō"]),
        ({"city": {"like": "t_KY%"}}, ["Tōkyō"]),
        ({"city": {"nlike": "t%"}}, ["Zug"]),
        ({"city": {"regexp": "^Z"}}, ["Zug"]),
        ({"city": {"regexp": "^z"}}, []),
        ({"city": {"regexp": "/^z/i"}}, ["Zug"]),
        ({"city": {"between": ["A", "U"]}}, ["Tōkyō"]),
        ({"performance": "22.39"}, ["Tōkyō"]),
        ({"performance": 22.39}, ["Tōkyō"]),
        ({"performance": "100"}, ["Zug"]),
        ({"loc": {"like": "35.62,%"}}, ["Tōkyō"]),
        ({"public_key": VALIDATORS[0].upper()}, ["Tōkyō"]),
        ({"country": "nowhere"}, []),
    ],
)
async def test_conditions_on_text(ask, places, where, found):
    assert await cities(ask, where=where) == found


async def test_order_limit_and_fields(ask, places):
    wanted = {"where": {"city": {"neq": None}}, "order": "performance DESC", "limit": 1}

    answer = (await ask("/validators", filter=wanted | {"fields": ["country", "city"]})).json()

    assert answer == [{"city": "Tōkyō", "country": "JP"}]


@pytest.mark.parametrize("name", ["ip", "rpc", "mission", "version", "id", "peer_ip", "address"])
async def test_other_columns_are_unknown(ask, places, name):
    assert (await ask("/validators", filter={"where": {name: "x"}})).status_code == 400
    assert (await ask("/validators", filter={"order": name})).status_code == 400
    assert (await ask("/validators", filter={"fields": [name]})).json() == [{}] * 3
