import pytest

from tests.factories import CSPR, block, digest, era, running_era

pytestmark = pytest.mark.anyio

KEYS = [
    "blockHeight",
    "blockHash",
    "eraId",
    "circulatingSupply",
    "validatorsWeights",
    "totalSupply",
    "stateRootHash",
    "transfersCount",
    "deploysCount",
    "stakedThisBlock",
    "nextEraValidatorsWeights",
    "validatorsRewards",
    "delegatorsRewards",
    "rewards",
    "validatorsCount",
    "delegatorsCount",
    "switch",
    "undelegatedThisBlock",
    "timestamp",
    "prevBlockTime",
]


async def heights(ask, **parameters):
    return [row["blockHeight"] for row in (await ask("/block", **parameters)).json()]


async def test_without_parameters_it_is_the_newest_block_in_a_list(ask, chain):
    assert await heights(ask) == [34]


async def test_a_block_has_every_key_in_the_order_of_the_columns(ask, chain):
    (row,) = (await ask("/block", blockHeight="19")).json()

    assert list(row) == KEYS
    assert row == {
        "blockHeight": 19,
        "blockHash": digest("block 19"),
        "eraId": 1,
        "circulatingSupply": 322,
        "validatorsWeights": 4_000_000_000,
        "totalSupply": 10_000_000_000,
        "stateRootHash": digest("state 19"),
        "transfersCount": 4,
        "deploysCount": 1,
        "stakedThisBlock": 19,
        "nextEraValidatorsWeights": 4_000_000_000,
        "validatorsRewards": 3,
        "delegatorsRewards": 5,
        "rewards": 8,
        "validatorsCount": 2,
        "delegatorsCount": 7,
        "switch": True,
        "undelegatedThisBlock": 0,
        "timestamp": "2026-11-24T12:02:32.000Z",
        "prevBlockTime": 8000,
    }


async def test_figures_of_switch_blocks_are_0_on_others(ask, chain):
    (row,) = (await ask("/block", blockHeight="18")).json()

    names = ["nextEraValidatorsWeights", "validatorsRewards", "delegatorsRewards", "rewards"]
    assert [row[name] for name in (*names, "validatorsCount", "delegatorsCount")] == [0] * 6
    assert row["switch"] is False


async def test_a_hash_is_found_in_any_case(ask, chain):
    assert await heights(ask, hash=digest("block 7").upper()) == [7]


async def test_the_height_leads_over_the_hash(ask, chain):
    assert await heights(ask, blockHeight="3", hash=digest("block 7")) == [3]


async def test_a_filter_leads_over_both(ask, chain):
    found = await heights(ask, filter={"where": {"blockHeight": 5}}, blockHeight="3", hash="x")

    assert found == [5]


@pytest.mark.parametrize(
    "parameters",
    [
        {"blockHeight": "99"},
        {"blockHeight": "1.5"},
        {"blockHeight": "-1"},
        {"blockHeight": "1e30"},
        {"hash": "0" * 64},
        {"hash": "no hash"},
        {"hash": ""},
        {"filter": {"where": {"blockHeight": 99}}},
    ],
)
async def test_nothing_found_is_404_for_a_filter_too(ask, chain, parameters):
    answer = await ask("/block", **parameters)

    assert answer.status_code == 404
    assert answer.json() == {"error": {"statusCode": 404, "name": "Error", "message": "Not found."}}


async def test_the_time_since_the_block_before_is_0_at_genesis_and_where_that_is_missing(
    ask, stored
):
    stored(blocks=[block(0), block(1), block(5)])

    rows = (await ask("/block", filter={})).json()

    assert [row["prevBlockTime"] for row in rows] == [0, 8000, 0]


async def test_the_time_since_the_block_before_is_right_without_the_fields_it_is_made_of(
    ask, chain
):
    rows = (await ask("/block", filter={"where": {"eraId": 1}, "fields": ["prevBlockTime"]})).json()

    assert rows == [{"prevBlockTime": 8000}] * 10


async def test_a_running_eras_block_shows_the_predecessors_circulating_supply(ask, chain):
    (complete,) = (await ask("/block", blockHeight="29")).json()
    (running,) = (await ask("/block", blockHeight="30")).json()

    assert complete["circulatingSupply"] == running["circulatingSupply"] == 323


async def test_figures_of_an_era_that_is_not_worked_out_are_0(ask, stored):
    stored(blocks=[block(0)])

    (row,) = (await ask("/block")).json()

    assert (row["circulatingSupply"], row["validatorsWeights"]) == (0, 0)


async def test_a_figure_of_the_era_is_right_without_the_era_among_the_fields(ask, chain):
    wanted = {"where": {"blockHeight": 15}, "fields": ["circulatingSupply", "validatorsWeights"]}

    assert (await ask("/block", filter=wanted)).json() == [
        {"circulatingSupply": 322, "validatorsWeights": 4_000_000_000}
    ]


async def test_conditions_and_orders_use_the_eras_figures(ask, chain):
    found = await heights(
        ask,
        filter={
            "where": {"circulatingSupply": {"gte": 322}, "validatorsWeights": 4_000_000_000},
            "order": "circulatingSupply DESC",
            "limit": 7,
        },
    )

    assert found == [34, 33, 32, 31, 30, 29, 28]


async def test_a_filters_rows_come_by_rising_height_and_at_most_1000(ask, stored):
    stored(blocks=[block(height) for height in range(1005)])

    for limit in ({}, {"limit": 0}, {"limit": 5000}):
        assert await heights(ask, filter=limit) == list(range(1000))


async def test_an_answer_does_not_depend_on_the_origin(client, stored):
    stored(blocks=[block(height) for height in range(105)])

    origin = {"Origin": "https://caspermetrics.io"}
    rows = (await client.get("/api/v0/block?filter={}", headers=origin)).json()

    assert len(rows) == 105


async def test_a_full_page_is_asked_for_in_two_questions(ask, chain, queries):
    await ask("/block", filter={})

    assert len([each for each in queries if "FROM block" in each]) == 2


async def test_amounts_are_whole_cspr_cut_down_once(ask, stored):
    paid = {"validators_rewards": 1_600_000_000, "delegators_rewards": 2_500_000_000}
    stored(blocks=[block(9, staked=1_999_999_999, unstaked=999_999_999, **paid)])

    (row,) = (await ask("/block")).json()

    assert (row["stakedThisBlock"], row["undelegatedThisBlock"]) == (1, 0)
    assert [row[f"{part}ewards"] for part in ("validatorsR", "delegatorsR", "r")] == [1, 2, 4]


@pytest.mark.parametrize("path", ["/block/total", "/block/circulating"])
class TestBlockText:
    async def test_is_digits_alone(self, ask, chain, path):
        answer = await ask(path, blockHeight="12")

        assert answer.headers["content-type"] == "text/plain"
        assert answer.text == {"/block/total": "10000000000", "/block/circulating": "322"}[path]

    async def test_is_found_by_hash_and_else_the_newest(self, ask, stored, chain, path):
        stored(blocks=[block(35, total_supply=7 * CSPR)])

        newest = (await ask(path)).text
        by_hash = (await ask(path, hash=digest("block 12").upper())).text

        assert newest == {"/block/total": "7", "/block/circulating": "323"}[path]
        assert by_hash == {"/block/total": "10000000000", "/block/circulating": "322"}[path]

    async def test_of_no_block_is_404(self, ask, chain, path):
        answer = await ask(path, blockHeight="99")

        assert answer.status_code == 404
        assert answer.json()["error"]["message"] == "Not found."


async def test_circulating_supply_of_era_0s_blocks_is_the_eras(ask, chain):
    assert (await ask("/block/circulating", blockHeight="3")).text == "321"


async def test_circulating_supply_is_0_while_a_block_below_is_missing(ask, stored, chain):
    stored(eras=[era(5), running_era(6, blocks=1)], blocks=[block(60)])

    assert (await ask("/block/circulating")).text == "0"


async def test_answers_say_how_long_they_hold(ask, chain):
    held = {
        (): "public, max-age=1, s-maxage=7, stale-while-revalidate=10",
        (("blockHeight", "3"),): "public, max-age=60, s-maxage=21600",
        (("blockHeight", "33"),): "public, s-maxage=8, stale-while-revalidate=30",
        (("filter", "{}"),): "public, s-maxage=8, stale-while-revalidate=30",
        (("blockHeight", "99"),): "no-store",
    }

    for parameters, cache_control in held.items():
        answer = await ask("/block", **dict(parameters))
        assert answer.headers["cache-control"] == cache_control
