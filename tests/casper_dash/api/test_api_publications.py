"""What was published when, and what was known before."""

import pytest

from tests.casper_dash.api.rows import approval, publication
from tests.factories import block, crawl_state, derive_state, era, era_supply, running_era

pytestmark = pytest.mark.anyio

SECOND = {
    "id": 2,
    "published_at": "2026-11-24T12:00:00.000Z",
    "published_by": "Ana",
    "confirmed_by": "Ben",
    "note": "second look",
    "restores": None,
    "decisions": 2,
    "first_era": 1,
}


@pytest.fixture
def published(stored, clock):
    """Readers see publication 2; the third is under way."""
    clock.now = block(34)["timestamp"]
    stored(
        blocks=[block(height) for height in range(35)],
        eras=[*map(era, range(3)), running_era(3, blocks=5)],
        supplies=[
            era_supply(era_id, publication=number, transfers=100 * number + era_id)
            for number in range(4)
            for era_id in range(min(number + 2, 4))
        ],
        crawl=[crawl_state(34)],
        derive=[derive_state(publication=2)],
        publications=[
            publication(0),
            publication(1),
            publication(2, published_by="Ana", confirmed_by="Ben", note="second look"),
            publication(3, published_by="Cleo", restores=1),
        ],
        approvals=[
            approval(3, publication=1),
            approval(13, publication=2, approved=False),
            approval(23, publication=2),
            approval(1, publication=3),
        ],
    )


async def test_publications_that_readers_saw_come_newest_first(client, published):
    found = (await client.get("/api/v1/publications")).json()["data"]

    assert [row["id"] for row in found] == [2, 1, 0]
    assert found[0] == SECOND
    assert (found[1]["decisions"], found[1]["first_era"]) == (1, 0)
    assert (found[2]["decisions"], found[2]["first_era"]) == (0, None)


@pytest.mark.parametrize("name", ["2", "latest"])
async def test_one_is_found_by_its_number_and_the_newest_by_that_word(client, published, name):
    assert (await client.get(f"/api/v1/publications/{name}")).json() == SECOND


async def test_one_that_is_under_way_is_not_there_yet(client, published):
    assert (await client.get("/api/v1/publications/3")).status_code == 404
    assert (await client.get("/api/v1/supply?publication=3")).status_code == 404


async def test_pages_of_publications_go_on(client, published):
    first = (await client.get("/api/v1/publications?limit=2")).json()
    rest = (await client.get("/api/v1/publications", params={"cursor": first["next"]})).json()

    assert [row["id"] for row in rest["data"]] == [0]


@pytest.mark.parametrize(
    ("query", "transfers"), [("era=1", 201), ("era=1&publication=1", 101), ("publication=1", 102)]
)
async def test_the_supply_is_that_of_the_publication_which_is_asked_for(
    client, published, query, transfers
):
    answer = (await client.get(f"/api/v1/supply?{query}")).json()

    assert int(answer["transfers"]) == transfers
    assert answer["publication"] == transfers // 100


async def test_the_supply_at_a_time_as_a_publication_had_it(client, published):
    at = block(15)["timestamp"].isoformat().replace("+00:00", "Z")

    answer = (await client.get("/api/v1/supply", params={"at": at, "publication": 0})).json()

    assert (answer["era_id"], answer["publication"], answer["transfers"]) == (1, 0, "1")


async def test_an_era_that_ended_after_a_publication_has_no_supply_in_it(client, published):
    answer = (await client.get("/api/v1/supply?era=2&publication=0")).json()

    assert (answer["circulating"], answer["publication"], answer["final"]) == (None, None, False)
    assert answer["total"] == str(era(2)["total_supply"])


async def test_an_unknown_publication_is_404(client, published):
    assert (await client.get("/api/v1/supply?era=1&publication=9")).status_code == 404
