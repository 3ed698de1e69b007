import pytest

from tests.factories import CSPR, block, era, era_supply, running_era

pytestmark = pytest.mark.anyio

KEYS = [
    "id",
    "startBlock",
    "transfersCount",
    "deploysCount",
    "endBlock",
    "start",
    "end",
    "circulatingSupply",
    "validatorsCirculatingSupply",
    "transfersCirculatingSupply",
    "rewardsCirculatingSupply",
    "validatorsWeights",
    "totalSupply",
    "validatorsRewards",
    "delegatorsRewards",
    "rewards",
    "validatorsCount",
    "delegatorsCount",
    "stakedThisEra",
    "undelegatedThisEra",
    "stakedDiffThisEra",
]
INCORRECT = {"error": {"statusCode": 400, "name": "Error", "message": "Incorrect query"}}


async def ids(ask, **parameters):
    answer = await ask("/era", **parameters)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()]


async def test_without_parameters_it_is_the_last_completed_era(ask, chain):
    assert await ids(ask) == [2]


async def test_an_era_has_every_key_in_the_order_of_the_columns(ask, chain):
    (row,) = (await ask("/era", id="1")).json()

    assert list(row) == KEYS
    assert row == {
        "id": 1,
        "startBlock": 10,
        "transfersCount": 20,
        "deploysCount": 10,
        "endBlock": 19,
        "start": "2026-11-24T12:01:20.000Z",
        "end": "2026-11-24T12:02:32.000Z",
        "circulatingSupply": 322,
        "validatorsCirculatingSupply": 21,
        "transfersCirculatingSupply": 1,
        "rewardsCirculatingSupply": 300,
        "validatorsWeights": 4_000_000_000,
        "totalSupply": 10_000_000_000,
        "validatorsRewards": 3,
        "delegatorsRewards": 5,
        "rewards": 8,
        "validatorsCount": 2,
        "delegatorsCount": 7,
        "stakedThisEra": 30,
        "undelegatedThisEra": 0,
        "stakedDiffThisEra": 30,
    }


async def test_the_running_era_has_no_end_its_sums_so_far_and_its_supply(ask, chain):
    (row,) = (await ask("/era", id="3")).json()

    assert (row["endBlock"], row["end"]) == (None, None)
    assert (row["transfersCount"], row["stakedThisEra"], row["validatorsCount"]) == (20, 30, 0)
    assert row["circulatingSupply"] == 324


async def test_an_era_that_is_not_worked_out_has_zeros(ask, stored):
    stored(eras=[running_era(0, blocks=1, weight=None)])

    (row,) = (await ask("/era", skip="0")).json()

    assert (row["circulatingSupply"], row["validatorsWeights"]) == (0, 0)


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"id": "1", "blockHeight": "25", "timestamp": "2026-11-24T12:00:00Z"}, [1]),
        ({"blockHeight": "25", "timestamp": "2026-11-24T12:00:00Z"}, [2]),
        ({"timestamp": "2026-11-24T12:00:00Z"}, [0]),
    ],
)
async def test_the_id_leads_then_the_height_then_the_time(ask, chain, parameters, found):
    assert await ids(ask, **parameters) == found


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"blockHeight": "19", "limit": "5"}, [1]),
        ({"blockHeight": "10"}, [1]),
        ({"blockHeight": "1e6"}, [3]),
        ({"blockHeight": "-1"}, []),
        ({"blockHeight": "10.5"}, []),
        ({"timestamp": "2030-01-01T00:00:00Z"}, [3]),
        ({"timestamp": "2026-11-24T12:02:32Z"}, [1]),
        ({"timestamp": "2026-11-24T12:02:33Z"}, []),
        ({"timestamp": "2026-11-24T12:02:40Z"}, [2]),
        ({"timestamp": "2026-11-24T13:02:40+01:00"}, [2]),
        ({"timestamp": "2020-01-01T00:00:00Z"}, []),
        ({"id": "99"}, []),
        ({"id": "1.5"}, []),
        ({"id": "1", "skip": "1"}, []),
    ],
)
async def test_nothing_found_is_an_empty_list_and_past_the_end_is_the_running_era(
    ask, chain, parameters, found
):
    assert await ids(ask, **parameters) == found


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"limit": "3"}, [2, 1, 0]),
        ({"limit": "0"}, [2]),
        ({"limit": "3", "order": "id ASC"}, [1, 2, 3]),
        ({"limit": "3", "skip": "0"}, [3, 2, 1]),
        ({"limit": "3", "skip": ""}, [2, 1, 0]),
        ({"limit": "3", "skip": "2"}, [1, 0]),
        ({"limit": "1e1", "skip": "0", "order": "stakedThisEra desc, id"}, [0, 1, 2, 3]),
        ({"limit": "9", "skip": "0", "order": "rewards"}, [3, 0, 1, 2]),
        ({"limit": "9", "skip": "0", "order": "rewards DESC"}, [2, 1, 0, 3]),
    ],
)
async def test_order_skip_and_limit(ask, chain, parameters, found):
    assert await ids(ask, **parameters) == found


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": "-1"},
        {"limit": "1.5"},
        {"skip": "-1"},
        {"skip": "one"},
        {"skip": "1.5"},
        {"order": "nosuch"},
        {"order": "id sideways"},
        {"order": "id; DROP TABLE era"},
        {"order": "id,"},
    ],
)
async def test_what_cannot_be_run_is_an_incorrect_query(ask, chain, parameters):
    answer = await ask("/era", **parameters)

    assert (answer.status_code, answer.json()) == (400, INCORRECT)


async def test_an_order_given_twice_is_refused(client, chain):
    answer = await client.get("/api/v0/era?order=id&order=end")

    assert answer.json()["error"]["message"] == 'Invalid data ["id","end"] for parameter "order".'


async def test_losing_parameters_are_type_checked_too(ask, chain):
    assert (await ask("/era", id="1", blockHeight="x")).status_code == 400
    assert (await ask("/era", filter={}, limit="x")).status_code == 400


async def test_1000_rows_at_most_and_20000_with_an_order_from_the_start(ask, stored):
    stored(eras=[era(era_id) for era_id in range(1100)])

    assert len(await ids(ask, limit="99999", order="id")) == 1000
    assert len(await ids(ask, limit="99999", skip="0")) == 1000
    assert len(await ids(ask, limit="99999", order="id", skip="0")) == 1100
    assert len(await ids(ask, limit="99999", order="id", skip="")) == 1099
    assert len(await ids(ask, filter={"order": "id", "skip": 0})) == 1000


async def test_a_filter_leads_over_all_and_has_no_default_skip(ask, chain):
    assert await ids(ask, filter={}, id="1", limit="1") == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"endBlock": None}, [3]),
        ({"endBlock": {"neq": None}}, [0, 1, 2]),
        ({"endBlock": {"neq": 9}}, [1, 2]),
        ({"endBlock": {"neq": 1.5}}, [0, 1, 2]),
        ({"endBlock": {"nin": [9]}}, [1, 2]),
        ({"endBlock": {"nin": [1.5]}}, [0, 1, 2]),
        ({"endBlock": {"nin": []}}, [0, 1, 2, 3]),
        ({"end": {"gt": "2020-01-01T00:00:00Z"}}, [0, 1, 2]),
    ],
)
async def test_null_matches_no_value_and_no_other_value_either(ask, chain, where, found):
    assert await ids(ask, filter={"where": where}) == found


async def test_a_difference_may_be_negative_and_is_cut_down(ask, stored):
    stored(eras=[era(0, staked=CSPR, unstaked=2 * CSPR + 1), era(1)])

    rows = (await ask("/era", filter={"where": {"stakedDiffThisEra": -2}})).json()

    assert [(row["id"], row["stakedDiffThisEra"]) for row in rows] == [(0, -2)]


async def test_rewards_may_be_1_more_than_their_parts(ask, stored):
    stored(eras=[era(0, validators_rewards=1_600_000_000, delegators_rewards=400_000_000)])

    (row,) = (await ask("/era", id="0")).json()

    assert (row["validatorsRewards"], row["delegatorsRewards"], row["rewards"]) == (1, 0, 2)


async def test_readers_see_the_newest_publication(ask, stored, chain):
    stored(
        supplies=[era_supply(4, publication=0), era_supply(4, publication=1, unlocks=0)],
        eras=[era(4)],
    )

    (row,) = (await ask("/era", id="4")).json()

    assert row["circulatingSupply"] == 321


@pytest.mark.parametrize(
    ("path", "parameters", "text"),
    [
        ("/era/total", {}, "10000000000"),
        ("/era/circulating", {}, "323"),
        ("/era/circulating", {"eraId": "0"}, "321"),
        ("/era/circulating", {"eraId": "3"}, "324"),
        ("/era/total", {"eraId": "3"}, "10000000000"),
    ],
)
async def test_text_of_an_era_is_digits_of_the_last_completed_one_by_default(
    ask, chain, path, parameters, text
):
    answer = await ask(path, **parameters)

    assert (answer.text, answer.headers["content-type"]) == (text, "text/plain")


@pytest.mark.parametrize("path", ["/era/total", "/era/circulating"])
@pytest.mark.parametrize("era_id", ["99", "1.5", "-1"])
async def test_text_of_no_era_is_404(ask, chain, path, era_id):
    answer = await ask(path, eraId=era_id)

    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Not found."


async def test_text_of_the_circulating_supply_is_0_while_a_block_below_is_missing(
    ask, stored, chain
):
    stored(eras=[era(5)], supplies=[era_supply(5)], blocks=[block(59)])

    assert (await ask("/era/circulating", eraId="5")).text == "0"


async def test_answers_say_how_long_they_hold(ask, chain):
    assert (await ask("/era")).headers["cache-control"].startswith("public, max-age=1, ")
    assert (await ask("/era", id="1")).headers["cache-control"].endswith("s-maxage=21600")
    assert (await ask("/era", id="3")).headers["cache-control"].startswith("public, s-maxage=8")
