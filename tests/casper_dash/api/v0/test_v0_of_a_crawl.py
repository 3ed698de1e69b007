"""What v0 answers of a crawl of the sandbox network, against that network's own truth."""

from collections import Counter

import pytest

from casper_dash.api.app import create_app
from crawler.sandbox.running import running
from tests.casper_dash.api.clients import asking
from tests.crawler.crawls import (
    SMALL,
    block_rows,
    chain_of,
    crawl_of,
    era_rows,
    era_supply_rows,
    network_of,
    transfer_rows,
)
from tests.factories import CSPR

pytestmark = pytest.mark.anyio

HEIGHT = 40


@pytest.fixture(scope="module")
def sandbox():
    return chain_of(HEIGHT, **SMALL)


@pytest.fixture
async def get(engine, clock, sandbox, tmp_path):
    network = network_of(sandbox, tmp_path)
    with running(sandbox) as nodes:
        crawl = crawl_of(engine, network, nodes.urls)
        crawl.prepare()
        await crawl._to_head()
    async with asking(create_app(engine, network, clock=clock)) as client:

        async def ask(path, **parameters):
            answer = await client.get(f"/api/v0{path}", params=parameters)
            return answer.json()

        yield ask


async def test_blocks_eras_and_transfers_are_the_networks(get, sandbox):
    blocks, eras = block_rows(sandbox), era_rows(sandbox)
    supply = {
        row["era_id"]: sum(row[part] for part in ("transfers", "unlocks", "rewards")) // CSPR
        for row in era_supply_rows(sandbox)
    }
    native = [row for row in transfer_rows(sandbox) if row["kind"] == "native"]

    told = await get("/block", filter="{}")
    assert [row["blockHash"] for row in told] == [row["hash"] for row in blocks]
    assert [row["totalSupply"] for row in told] == [row["total_supply"] // CSPR for row in blocks]
    told = await get("/era", order="id", skip="0", limit="20000")
    assert [row["stakedThisEra"] for row in told] == [row["staked"] // CSPR for row in eras]
    assert {row["id"]: row["circulatingSupply"] for row in told} == supply
    assert await get("/era/circulating") == supply[eras[-2]["id"]]
    for era_id, count in Counter(row["era_id"] for row in native).items():
        told = await get("/transfersByEraId", eraId=str(era_id), limit="200")
        assert told["count"] == count
        assert sum(int(row["amount"]) for row in told["transfers"]) == sum(
            row["amount"] for row in native if row["era_id"] == era_id
        )
