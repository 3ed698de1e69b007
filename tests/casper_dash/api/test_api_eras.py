import pytest

from tests.factories import (
    CSPR,
    crawl_state,
    derive_state,
    era,
    era_supply,
    running_era,
)

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def four_eras_and_a_running_one(stored):
    stored(
        eras=[*map(era, range(4)), running_era(4, blocks=5)],
        supplies=[era_supply(era_id) for era_id in range(4)],
        crawl=[crawl_state(44)],
        derive=[derive_state()],
    )


async def ids(client, **params):
    answer = await client.get("/api/v1/eras", params=params)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


async def test_an_era_has_every_field_in_its_documented_form(client):
    answer = await client.get("/api/v1/eras/1")

    assert answer.json() == {
        "id": 1,
        "complete": True,
        "final": True,
        "start_block": 10,
        "end_block": 19,
        "start": "2026-11-24T12:01:20.000Z",
        "end": "2026-11-24T12:02:32.000Z",
        "weight": "4000000000000000000",
        "total_supply": "10000000000000000001",
        "deploys": 10,
        "transfers": 20,
        "transfer_volume": "70000000000",
        "staked": "30000000000",
        "unstaked": "0",
        "redelegated": "0",
        "validators": 2,
        "validators_rewards": "3000000000",
        "delegators": 7,
        "delegators_rewards": "5000000000",
        "circulating_supply": "321000000000",
        "circulating_transfers": "1000000000",
        "circulating_unlocks": "20000000000",
        "circulating_rewards": "300000000000",
        "publication": 0,
    }


async def test_what_is_not_known_of_a_running_era_is_null_and_never_0(client):
    answer = (await client.get("/api/v1/eras/current")).json()

    unknown = {name for name, value in answer.items() if value is None}
    assert answer["id"] == 4
    assert unknown == {
        "end_block",
        "end",
        "validators",
        "validators_rewards",
        "delegators",
        "delegators_rewards",
        "circulating_supply",
        "circulating_transfers",
        "circulating_unlocks",
        "circulating_rewards",
        "publication",
    }


async def test_circulating_supply_past_64_bits_is_exact(client, stored):
    huge = era_supply(4, transfers=2**64, unlocks=2**64, rewards=-(10**9))
    stored(supplies=[huge])

    answer = await client.get("/api/v1/eras/4")

    assert answer.json()["circulating_supply"] == str(2**65 - CSPR)


async def test_latest_is_the_newest_complete_era(client):
    assert (await client.get("/api/v1/eras/latest")).json()["id"] == 3


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, range(5)),
        ({"from": 3}, [3, 4]),
        ({"to": 1}, [0, 1]),
        ({"complete": "false"}, [4]),
        ({"complete": "true", "from": 2}, [2, 3]),
        ({"after": "2026-11-24T12:01:20Z", "before": "2026-11-24T12:04:00Z"}, [1, 2]),
    ],
)
async def test_filters(client, params, expected):
    assert await ids(client, **params) == sorted(expected, reverse=True)


async def test_a_list_of_eras_asks_the_database_three_times_however_long(client, queries):
    await ids(client)

    assert len(queries) == 3  # the last settled height, the last settled era, the rows
