from datetime import timedelta
from decimal import Decimal

import pytest

from casper_dash.queries.series import METRICS
from tests.casper_dash.api.rows import price, transfer
from tests.factories import derive_state, era, era_supply, running_era

pytestmark = pytest.mark.anyio


async def points(client, metric, **params):
    answer = await client.get(f"/api/v1/series/{metric}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["points"]


@pytest.fixture
def eras(stored):
    """Era 0 ends at 12:01:12, the next eras 80 s later each; era 4 runs."""
    stored(
        eras=[*(era(number, staked=number**2) for number in range(4)), running_era(4, blocks=2)],
        supplies=[era_supply(number, transfers=number) for number in range(4)],
        derive=[derive_state()],
        prices=[price(0, "0.5")],
        transfers=[transfer(10), transfer(11), transfer(12, kind="contract")],
    )


@pytest.mark.parametrize(
    ("metric", "unit", "value"),
    [
        ("total_supply", "motes", "10000000000000000001"),
        ("circulating_supply", "motes", "320000000001"),
        ("circulating_transfers", "motes", "1"),
        ("circulating_unlocks", "motes", "20000000000"),
        ("circulating_rewards", "motes", "300000000000"),
        ("staked", "motes", "1"),
        ("unstaked", "motes", "0"),
        ("weight", "motes", "4000000000000000000"),
        ("validators", "count", 2),
        ("delegators", "count", 7),
        ("validators_rewards", "motes", "3000000000"),
        ("delegators_rewards", "motes", "5000000000"),
        ("transfers", "count", 20),
        ("transfer_volume", "motes", "70000000000"),
        ("deploys", "count", 10),
        ("block_time", "s", 8.0),
        ("price", "USD", "0.5"),
    ],
)
async def test_every_metric_has_a_point_for_each_complete_era(client, eras, metric, unit, value):
    answer = (await client.get(f"/api/v1/series/{metric}")).json()

    assert (answer["metric"], answer["unit"]) == (metric, unit)
    assert [point[0] for point in answer["points"]] == [0, 1, 2, 3]
    assert answer["points"][1] == [1, "2026-11-24T12:02:32.000Z", value]


def test_no_metric_is_left_untested():
    parameters = test_every_metric_has_a_point_for_each_complete_era.pytestmark[0].args[1]

    assert {metric for metric, *_ in parameters} == METRICS.keys()


async def test_eras_from_and_to_are_inclusive(client, eras):
    assert [point[0] for point in await points(client, "staked", **{"from": 1, "to": 2})] == [1, 2]


async def test_an_era_whose_value_is_not_known_is_left_out(client, stored):
    stored(eras=[era(0), era(1, weight=None), era(2)])

    assert [point[0] for point in await points(client, "weight")] == [0, 2]


async def test_without_eras_there_are_no_points(client):
    assert await points(client, "weight") == []


async def test_peaks_survive_when_there_are_more_eras_than_points(client, stored):
    peaks = {77: 10**24, 433: 0, 501: 10**23}
    stored(eras=[era(n, staked=peaks.get(n, 10**20 + n)) for n in range(600)])

    read = await points(client, "staked", points=20)

    values = {era_id: int(value) for era_id, _, value in read}
    assert len(read) <= 20
    assert {77: 10**24, 433: 0, 501: 10**23}.items() <= values.items()
    assert [era_id for era_id, *_ in read] == sorted(values)
    assert {0, 599} <= values.keys()


async def test_peaks_of_sums_survive_too(client, stored):
    stored(
        eras=[era(n) for n in range(100)],
        supplies=[era_supply(n, transfers=5 + 10**19 * (n == 42)) for n in range(100)],
        derive=[derive_state()],
    )

    read = await points(client, "circulating_supply", points=10)

    assert max(read, key=lambda point: int(point[2]))[0] == 42


@pytest.mark.parametrize("most", [4, 5, 7, 10, 99, 100, 2000])
async def test_there_are_never_more_points_than_asked_for(client, stored, most):
    stored(eras=[era(n, staked=n * 7919 % 100) for n in range(100)])

    assert min(most, 100) >= len(await points(client, "staked", points=most)) > 0


async def test_the_price_is_the_close_of_the_hour_nearest_to_the_eras_end(client, stored):
    ends = {0: "30:00.000", 1: "30:00.001", 2: "59:59.999"}
    hour = era(0)["start"].replace(minute=0, second=0)
    eras = []
    for number, text in ends.items():
        minutes, seconds = text.split(":")
        end = hour + timedelta(minutes=int(minutes), seconds=float(seconds))
        eras.append(era(number, end=end))
    stored(eras=eras, prices=[price(0, "1"), price(1, "2", open=Decimal(7))])

    assert [value for *_, value in await points(client, "price")] == ["1", "2", "2"]


async def test_an_unknown_metric_is_told_the_known_ones(client):
    answer = await client.get("/api/v1/series/stakes")

    assert answer.status_code == 400
    assert "staked" in answer.json()["errors"][0]["allowed"]
