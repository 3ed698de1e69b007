import pytest

from tests.casper_dash.api.rows import (
    bid,
    bid_era,
    era_validator,
    peer,
    peer_version,
    reward,
)
from tests.factories import CSPR, VALIDATORS

pytestmark = pytest.mark.anyio

FIRST, SECOND = VALIDATORS
THIRD = "01" + "c3" * 32


@pytest.fixture
def two_eras(stored):
    stored(
        validators=[
            era_validator(6, THIRD, 5 * CSPR),
            era_validator(7, FIRST, 3 * 10**18),
            era_validator(7, SECOND, 9 * 10**18),
        ],
        rewards=[
            reward(6, amount=4),
            reward(6, delegator="", amount=3),
            reward(5, amount=1000),
        ],
        bids=[bid(FIRST), bid(FIRST, SECOND), bid(FIRST, THIRD, until_era=6), bid(SECOND)],
        bid_eras=[bid_era(6)],
        peer_versions=[peer_version(1), peer_version(2)],
        peers=[peer(2, "10.0.0.1:35000", public_key=FIRST)],
    )


async def test_validators_are_those_of_the_newest_era_by_weight(client, two_eras):
    rows = (await client.get("/api/v1/validators")).json()["data"]

    assert rows == [
        {
            "public_key": SECOND,
            "era_id": 7,
            "weight": "9000000000000000000",
            "share": "0.75",
            "rank": 1,
            "delegators": 0,
            "rewards": None,
            "commission": 10,
            "place": None,
        },
        {
            "public_key": FIRST,
            "era_id": 7,
            "weight": "3000000000000000000",
            "share": "0.25",
            "rank": 2,
            "delegators": 1,
            "rewards": "7",
            "commission": 10,
            "place": {
                "country": "CH",
                "region": "Zug",
                "city": "Zug",
                "latitude": "47.166",
                "longitude": "8.515",
            },
        },
    ]


async def test_an_earlier_eras_validators(client, two_eras):
    rows = (await client.get("/api/v1/validators?era=6")).json()["data"]

    assert [(row["public_key"], row["share"]) for row in rows] == [(THIRD, "1")]


async def test_one_validator_in_the_newest_era_that_it_is_one_of(client, two_eras):
    assert (await client.get(f"/api/v1/validators/{FIRST}")).json()["rank"] == 2
    assert (await client.get(f"/api/v1/validators/{THIRD}")).json()["era_id"] == 6


async def test_a_key_that_never_validated_is_404(client, two_eras):
    assert (await client.get(f"/api/v1/validators/{'01' + 'ff' * 32}")).status_code == 404


async def test_a_second_page_stays_in_the_era_of_the_first(client, two_eras, stored):
    first = (await client.get("/api/v1/validators?limit=1")).json()
    stored(validators=[era_validator(8, THIRD, CSPR)])

    second = (await client.get(f"/api/v1/validators?limit=1&cursor={first['next']}")).json()

    assert [row["public_key"] for row in second["data"]] == [FIRST]
    assert second["next"] is None


async def test_without_validators_the_list_is_empty(client):
    assert (await client.get("/api/v1/validators")).json() == {"data": [], "next": None}


async def test_peers_are_those_of_the_newest_whole_refresh(client, stored):
    stored(
        peer_versions=[peer_version(1), peer_version(2)],
        peers=[peer(1, "a:1"), peer(2, "b:1"), peer(2, "c:1"), peer(3, "d:1")],
    )

    answer = (await client.get("/api/v1/peers?order=asc&limit=1")).json()
    more = (await client.get(f"/api/v1/peers?order=asc&limit=1&cursor={answer['next']}")).json()

    assert answer["data"] == [
        {
            "version": 2,
            "refreshed_at": "2026-11-24T12:00:00.000Z",
            "address": "b:1",
            "public_key": None,
            "node_version": "2.0.1",
            "role": "validator",
            "country": "CH",
            "region": "Zug",
            "city": "Zug",
            "postal": None,
            "timezone": None,
            "organisation": None,
            "latitude": "47.166",
            "longitude": "8.515",
            "performance": None,
        }
    ]
    assert [row["address"] for row in more["data"]] == ["c:1"]
