import pytest

from crawler import orders
from crawler.database import transact
from tests.factories import GENESIS, block, crawl_range, crawl_state

pytestmark = pytest.mark.anyio


async def test_it_says_what_is_followed_and_how_far_the_crawl_is(client, clock, stored):
    held = [height for height in range(20) if height != 7]
    stored(
        blocks=[block(height) for height in held],
        ranges=[crawl_range(0, 9), crawl_range(20, 21)],
        crawl=[crawl_state(21)],
    )
    clock.now = block(21)["timestamp"]

    answer = await client.get("/api/v1/network")

    head, newest = block(21), block(19)
    assert answer.json() == {
        "name": "casper",
        "title": "Casper Mainnet",
        "sandbox": False,
        "state": "catching_up",
        "head": point(head, "2026-11-24T12:02:48.000Z"),
        "newest": point(newest, "2026-11-24T12:02:32.000Z"),
        "lag_blocks": 2,
        "lag_seconds": 16,
        "paused_by": None,
        "paused_at": None,
        "missing": [[20, 21], [7, 7]],
        "missing_blocks": 3,
        "held": 19,
        "expected": 22,
        "protocol_version": "2.0.1",
        "updated_at": "2026-11-24T12:02:49.000Z",
    }


def point(row, timestamp):
    named = {name: row[name] for name in ("height", "hash", "era_id")}
    return named | {"timestamp": timestamp}


async def test_before_the_first_crawl_nothing_is_known(client):
    answer = (await client.get("/api/v1/network")).json()

    assert answer["state"] == "paused"
    assert answer["head"] is answer["newest"] is answer["lag_blocks"] is None
    assert answer["missing"] == []


async def test_a_new_head_is_in_the_answer_within_a_second(client, clock, stored):
    clock.now = GENESIS
    stored(blocks=[block(0)])
    await client.get("/api/v1/network")
    stored(blocks=[block(1)])
    clock.pass_time(1)

    answer = await client.get("/api/v1/network")

    assert answer.json()["newest"]["height"] == 1


async def test_a_pause_is_told_with_who_ordered_it_and_when(client, engine, clock, stored):
    clock.now = GENESIS
    stored(blocks=[block(0)], crawl=[crawl_state(0)])
    transact(engine, lambda session: orders.pause(session, orders.CRAWL, "Ana", GENESIS))

    answer = (await client.get("/api/v1/network")).json()

    assert answer["state"] == "paused"
    assert answer["paused_by"] == "Ana"
    assert answer["paused_at"] == "2026-11-24T12:00:00.000Z"
