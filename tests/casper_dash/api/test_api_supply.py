import re

import pytest

from casper_dash.api.app import create_app
from casper_dash.api.kinds import SIGNED_MOTES
from casper_dash.api.operation import Operation
from casper_dash.api.v1.supply_text import cspr
from tests.casper_dash.api.clients import asking
from tests.factories import (
    block,
    crawl_range,
    crawl_state,
    derive_state,
    era,
    era_supply,
    era_touch,
    running_era,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def chain(stored, clock):
    """Eras 0 to 2 complete and worked out; era 3 runs, its newest block at the head."""
    clock.now = block(34)["timestamp"]
    stored(
        blocks=[block(height) for height in range(35)],
        eras=[*map(era, range(3)), running_era(3, blocks=5, weight=77)],
        supplies=[era_supply(number, rewards=number) for number in range(4)],
        crawl=[crawl_state(34)],
        derive=[derive_state()],
    )


async def test_supply_now(client, chain):
    assert (await client.get("/api/v1/supply")).json() == {
        "era_id": 2,
        "timestamp": "2026-11-24T12:04:32.000Z",
        "total": "10000000000000000034",
        "circulating": "21000000002",
        "staked": "77",
        "transfers": "1000000000",
        "unlocks": "20000000000",
        "rewards": "2",
        "publication": 0,
        "final": True,
    }


async def test_what_burnt_motes_make_negative_is_written_as_documented(client, chain, stored):
    stored(eras=[era(7)], supplies=[era_supply(7, transfers=0, unlocks=0, rewards=-(10**19))])

    of_era = (await client.get("/api/v1/eras/7")).json()
    of_supply = (await client.get("/api/v1/supply?era=7")).json()

    assert of_era["circulating_supply"] == of_era["circulating_rewards"] == str(-(10**19))
    assert of_supply["circulating"] == of_supply["rewards"] == str(-(10**19))
    assert re.search(SIGNED_MOTES.schema["pattern"], of_supply["circulating"])


async def test_after_a_switch_block_its_own_era_counts(client, chain, stored):
    stored(blocks=[block(height) for height in range(40, 50)], eras=[era(4)])
    stored(supplies=[era_supply(4)])

    answer = (await client.get("/api/v1/supply")).json()

    assert (answer["era_id"], answer["total"]) == (4, "10000000000000000049")


async def test_supply_of_an_era_is_that_of_its_end(client, chain):
    answer = (await client.get("/api/v1/supply?era=1")).json()

    assert answer["timestamp"] == "2026-11-24T12:02:32.000Z"
    assert (answer["era_id"], answer["total"], answer["staked"], answer["rewards"]) == (
        1,
        "10000000000000000001",
        "4000000000000000000",
        "1",
    )
    assert answer["final"]


async def test_supply_at_a_time_is_that_of_the_newest_block_by_then(client, chain):
    answer = (await client.get("/api/v1/supply?at=2026-11-24T12:02:00Z")).json()

    assert (answer["total"], answer["era_id"]) == ("10000000000000000015", 1)
    assert answer["final"]


@pytest.mark.parametrize("path", ["era=9", "at=2020-01-01"])
async def test_where_nothing_is_held_it_is_404(client, chain, path):
    assert (await client.get(f"/api/v1/supply?{path}")).status_code == 404


async def test_era_and_time_do_not_go_together(client, chain):
    answer = await client.get("/api/v1/supply?era=1&at=2026-11-24")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["allowed"] == "era or at"


@pytest.mark.parametrize(
    ("query", "cache_control"),
    [
        ("", "public, max-age=1, s-maxage=7, stale-while-revalidate=10"),
        ("?era=1", "public, max-age=60, s-maxage=21600"),
        ("?era=3", "public, s-maxage=8, stale-while-revalidate=30"),
        ("?at=2026-11-24T12:02:00Z", "public, max-age=60, s-maxage=21600"),
        ("?at=2026-11-25", "public, s-maxage=8, stale-while-revalidate=30"),
    ],
)
async def test_how_long_it_holds(client, chain, query, cache_control):
    answer = await client.get(f"/api/v1/supply{query}")

    assert answer.headers["cache-control"] == cache_control


@pytest.mark.parametrize(
    ("figure", "number"),
    [
        ("total", "10000000000.000000034"),
        ("circulating", "21.000000002"),
        ("staked", "0.000000077"),
    ],
)
async def test_listing_sites_get_one_exact_number(client, chain, figure, number):
    answer = await client.get(f"/api/v1/supply/{figure}", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.text) == (200, number)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "max-age=1," in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("motes", "text"),
    [
        (0, "0"),
        (1, "0.000000001"),
        (10**9, "1"),
        (100 * 10**9, "100"),
        (1_500_000_000, "1.5"),
        (2**70, "1180591620717.411303424"),
        (-1_500_000_000, "-1.5"),
    ],
)
def test_cspr_is_exact_without_trailing_zeros_or_exponent(motes, text):
    assert cspr(motes) == text


async def statuses(client):
    answers = [
        await client.get(f"/api/v1/supply/{name}") for name in ("total", "circulating", "staked")
    ]
    for answer in answers:
        assert answer.status_code == 200 or answer.headers["retry-after"] == "5"
    return [answer.status_code for answer in answers]


async def test_without_blocks_no_figure_is_told(client):
    assert await statuses(client) == [503, 503, 503]


async def test_a_missing_block_before_the_era_withholds_circulating_supply(client, chain, stored):
    stored(ranges=[crawl_range(5, 5)])

    assert await statuses(client) == [200, 503, 200]
    assert not (await client.get("/api/v1/supply")).json()["final"]


async def test_an_era_that_is_not_worked_out_anew_withholds_it_too(client, chain, stored):
    stored(touches=[era_touch(1, stale=True)])

    assert await statuses(client) == [200, 503, 200]


async def test_while_the_crawl_is_behind_the_head_no_figure_is_told(client, stored):
    stored(
        blocks=[block(height) for height in range(35)],
        eras=[*map(era, range(3)), running_era(3, blocks=5)],
        supplies=[era_supply(number) for number in range(3)],
        crawl=[crawl_state(60)],
        ranges=[crawl_range(35, 60)],
        derive=[derive_state()],
    )

    assert await statuses(client) == [503, 503, 503]


async def test_in_production_circulating_supply_is_told_once_it_is_published(
    engine, network, clock, chain, stored
):
    operation = Operation(published_only=True)
    async with asking(create_app(engine, network, clock=clock, operation=operation)) as client:
        before = await statuses(client)
        clock.pass_time(2)
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE era_supply SET publication = 1")
            connection.exec_driver_sql("UPDATE derive_state SET publication = 1")

        assert (before, await statuses(client)) == ([200, 503, 200], [200, 200, 200])
