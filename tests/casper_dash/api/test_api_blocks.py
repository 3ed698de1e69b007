import pytest

from tests.factories import GENESIS, VALIDATORS, block, crawl_state

pytestmark = pytest.mark.anyio

NEWEST_FIRST = list(range(24, -1, -1))


@pytest.fixture(autouse=True)
def twenty_five_blocks(stored):
    stored(blocks=[block(height) for height in range(25)], crawl=[crawl_state(24)])


async def heights(client, **params):
    answer = await client.get("/api/v1/blocks", params=params)
    assert answer.status_code == 200, answer.text
    return [row["height"] for row in answer.json()["data"]]


async def test_a_block_has_every_field_in_its_documented_form(client):
    answer = await client.get("/api/v1/blocks/9")

    nine = block(9)
    del nine["transfer_rows"]
    assert answer.json() == nine | {
        "timestamp": "2026-11-24T12:01:12.000Z",
        "total_supply": "10000000000000000009",
        "staked": "9000000000",
        "unstaked": "0",
        "redelegated": "0",
        "next_era_weight": "4000000000000000000",
        "validators_rewards": "3000000000",
        "delegators_rewards": "5000000000",
    }


async def test_figures_of_switch_blocks_are_null_elsewhere(client):
    answer = (await client.get("/api/v1/blocks/8")).json()

    assert answer["switch"] is False
    assert answer["next_era_weight"] is answer["validators"] is answer["delegators_rewards"] is None


async def test_times_keep_their_milliseconds(client, stored):
    stored(blocks=[block(30, timestamp=GENESIS.replace(microsecond=384_000))])

    answer = await client.get("/api/v1/blocks/30")

    assert answer.json()["timestamp"] == "2026-11-24T12:00:00.384Z"


async def test_motes_past_64_bits_are_exact(client, stored):
    stored(blocks=[block(30, total_supply=10**38 - 1)])

    answer = await client.get("/api/v1/blocks/30")

    assert answer.json()["total_supply"] == "9" * 38


@pytest.mark.parametrize("name", ["7", block(7)["hash"], block(7)["hash"].upper()])
async def test_a_block_is_found_by_height_and_by_hash(client, name):
    assert (await client.get(f"/api/v1/blocks/{name}")).json()["height"] == 7


async def test_latest_is_the_newest_block_held(client):
    assert (await client.get("/api/v1/blocks/latest")).json()["height"] == 24


async def test_blocks_come_newest_first(client):
    assert await heights(client) == NEWEST_FIRST
    assert await heights(client, order="asc") == NEWEST_FIRST[::-1]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"era": 1}, range(10, 20)),
        ({"from": 20}, range(20, 25)),
        ({"to": 3}, range(4)),
        ({"from": 5, "to": 5}, [5]),
        ({"from": 6, "to": 5}, []),
        ({"after": "2026-11-24T12:03:04Z"}, range(23, 25)),
        ({"after": "2026-11-24T12:03:04.001Z"}, [24]),
        ({"before": "2026-11-24T12:00:16Z"}, range(2)),
        ({"after": "2026-11-24T13:00:16+01:00", "before": "2026-11-24T12:00:17Z"}, [2]),
        ({"after": "2026-11-25"}, []),
        ({"before": "2026-11-24"}, []),
        ({"before": "2026-11-25", "from": 24}, [24]),
        ({"proposer": VALIDATORS[1], "to": 5}, [1, 3, 5]),
        ({"proposer": VALIDATORS[1].upper(), "to": 1}, [1]),
        ({"proposer": "01" + "00" * 32}, []),
        ({"switch": "true"}, [9, 19]),
        ({"switch": "false", "to": 9}, range(9)),
        ({"era": 1, "switch": "true"}, [19]),
    ],
)
async def test_filters(client, params, expected):
    assert await heights(client, **params) == sorted(expected, reverse=True)
