import pytest

from tests.casper_dash.api.rows import ALICE, BOB, CAROL, known_account, transfer
from tests.factories import crawl_state, digest, era

pytestmark = pytest.mark.anyio

PURSE = f"uref-{digest('nobody')}"


@pytest.fixture
def payments(stored):
    stored(
        transfers=[
            transfer(1, amount=60),
            transfer(2, amount=40),
            transfer(3, amount=30, from_account_hash=BOB, to_account_hash=ALICE),
            transfer(4, amount=20, from_account_hash=BOB, to_account_hash=None, target=PURSE),
            transfer(5, amount=10, to_account_hash=ALICE),
            transfer(6, amount=999, kind="contract"),
            transfer(15, amount=7, from_account_hash=CAROL, to_account_hash=BOB),
        ],
        accounts=[known_account(ALICE, name="Alice")],
    )


async def get(client, query):
    answer = await client.get(f"/api/v1/flow?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_flow_of_an_era(client, payments):
    assert await get(client, "era=0") == {
        "nodes": [
            {"id": ALICE, "name": "Alice", "amount_in": "40", "amount_out": "110"},
            {"id": BOB, "name": None, "amount_in": "100", "amount_out": "50"},
            {"id": PURSE, "name": None, "amount_in": "20", "amount_out": "0"},
        ],
        "links": [
            {"from": ALICE, "to": BOB, "amount": "100", "count": 2, "returning": False},
            {"from": BOB, "to": ALICE, "amount": "30", "count": 1, "returning": True},
            {"from": BOB, "to": PURSE, "amount": "20", "count": 1, "returning": False},
            {"from": ALICE, "to": ALICE, "amount": "10", "count": 1, "returning": True},
        ],
        "shown": {"links": 4, "amount": "160"},
        "total": {"links": 4, "amount": "160"},
    }


async def test_the_largest_are_shown_and_how_much_they_are(client, payments):
    answer = await get(client, "era=0&limit=1")

    assert answer["shown"] == {"links": 1, "amount": "100"}
    assert answer["total"] == {"links": 4, "amount": "160"}


async def test_the_flow_of_an_account_counts_what_it_sends_itself_once(client, payments):
    answer = await get(client, f"account={ALICE}")

    assert [(link["amount"], link["count"]) for link in answer["links"]] == [
        ("100", 2),
        ("30", 1),
        ("10", 1),
    ]


async def test_of_an_account_in_an_era(client, payments):
    answer = await get(client, f"account={BOB}&era=1")

    assert [link["from"] for link in answer["links"]] == [CAROL]


async def test_an_era_without_transfers_has_no_flow(client):
    assert (await get(client, "era=5"))["total"] == {"links": 0, "amount": "0"}


async def test_era_or_account_is_needed(client):
    answer = await client.get("/api/v1/flow")

    assert answer.status_code == 400


async def test_the_flow_of_a_complete_era_holds(client, payments, stored):
    stored(eras=[era(0)], crawl=[crawl_state(9)])

    complete = await client.get("/api/v1/flow?era=0")
    running = await client.get("/api/v1/flow?era=1")

    assert complete.headers["cache-control"] == "public, max-age=60, s-maxage=21600"
    assert running.headers["cache-control"] == "public, s-maxage=8, stale-while-revalidate=30"
