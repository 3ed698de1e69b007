import anyio
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casper_dash.api.app import create_app
from tests.casper_dash.api.clients import asking
from tests.databases import empty
from tests.factories import block


async def read_all(client: httpx.AsyncClient, params: dict, between_pages) -> list[int]:
    heights, cursor = [], {}
    while True:
        answer = (await client.get("/api/v1/blocks", params=params | cursor)).json()
        heights += [row["height"] for row in answer["data"]]
        if answer["next"] is None:
            return heights
        cursor = {"cursor": answer["next"]}
        between_pages()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    first=st.sets(st.integers(0, 60), min_size=1),
    later=st.lists(st.integers(0, 90), max_size=20),
    limit=st.integers(1, 7),
    order=st.sampled_from(["asc", "desc"]),
)
def test_paging_neither_skips_nor_repeats_while_blocks_come_in(
    engine, network, stored, first, later, limit, order
):
    empty(engine)
    stored(blocks=[block(height) for height in first])
    waiting = [height for height in dict.fromkeys(later) if height not in first]

    def a_block_comes_in() -> None:
        if waiting:
            stored(blocks=[block(waiting.pop())])

    async def read() -> list[int]:
        async with asking(create_app(engine, network)) as client:
            params = {"limit": limit, "order": order, "fields": "height"}
            return await read_all(client, params, a_block_comes_in)

    heights = anyio.run(read)

    assert heights == sorted(set(heights), reverse=order == "desc")
    assert first <= set(heights)


@pytest.mark.anyio
async def test_the_last_page_has_no_next(client, stored):
    stored(blocks=[block(height) for height in range(4)])

    page = (await client.get("/api/v1/blocks?limit=2")).json()
    last = (await client.get("/api/v1/blocks", params={"limit": 2, "cursor": page["next"]})).json()

    assert [row["height"] for row in last["data"]] == [1, 0]
    assert last["next"] is None


@pytest.mark.anyio
@pytest.mark.parametrize("other", [{"era": 0}, {"order": "asc"}])
async def test_a_cursor_holds_for_the_query_that_it_came_from(client, stored, other):
    stored(blocks=[block(height) for height in range(4)])
    cursor = (await client.get("/api/v1/blocks?limit=2")).json()["next"]

    answer = await client.get("/api/v1/blocks", params=other | {"cursor": cursor})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"] == "is of another query, or no cursor at all"


@pytest.mark.anyio
async def test_a_cursor_of_another_resource_is_refused(client, stored):
    stored(blocks=[block(height) for height in range(4)])
    cursor = (await client.get("/api/v1/blocks?limit=2")).json()["next"]

    assert (await client.get(f"/api/v1/eras?cursor={cursor}")).status_code == 400


@pytest.mark.anyio
async def test_limit_and_fields_may_change_from_page_to_page(client, stored):
    stored(blocks=[block(height) for height in range(4)])
    cursor = (await client.get("/api/v1/blocks?limit=2")).json()["next"]

    answer = await client.get(f"/api/v1/blocks?limit=1&fields=height&cursor={cursor}")

    assert answer.json()["data"] == [{"height": 1}]
