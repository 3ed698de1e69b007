import csv
import gzip
import io
import json
from decimal import Decimal

import pytest

from tests.casper_dash.api.clients import raw, unpack_zstd
from tests.casper_dash.api.rows import peer, peer_version
from tests.factories import block, crawl_state

pytestmark = pytest.mark.anyio

MANY = 2345  # more than two batches


@pytest.fixture
def many_blocks(stored):
    stored(blocks=[block(height) for height in range(MANY)])


def as_cells(row):
    words = {None: "", True: "true", False: "false"}
    # 1 == True, so that types decide
    return {
        name: words[value] if value is None or isinstance(value, bool) else str(value)
        for name, value in row.items()
    }


async def all_pages(client, **params):
    rows, cursor = [], {}
    while True:
        page = (await client.get("/api/v1/blocks", params=params | cursor)).json()
        rows += page["data"]
        if page["next"] is None:
            return rows
        cursor = {"cursor": page["next"]}


async def test_csv_is_the_whole_selection_with_the_same_values_as_json(client, many_blocks):
    answer = await client.get("/api/v1/blocks?format=csv&switch=false")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    expected = await all_pages(client, switch="false", limit=1000)
    assert rows == [as_cells(row) for row in expected]


async def test_ndjson_is_the_whole_selection_with_the_same_values_as_json(client, many_blocks):
    answer = await client.get("/api/v1/blocks?format=ndjson&order=asc")

    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert rows == await all_pages(client, order="asc", limit=1000)
    assert len(rows) == MANY


async def test_a_limit_holds_for_csv_too(client, many_blocks):
    answer = await client.get("/api/v1/blocks?format=csv&limit=2&fields=height")

    assert answer.text == f"height\r\n{MANY - 1}\r\n{MANY - 2}\r\n"


async def test_an_empty_selection_is_the_header_alone(client):
    answer = await client.get("/api/v1/blocks?format=csv&fields=height,hash")

    assert answer.text == "height,hash\r\n"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/json;q=0.5, text/csv;q=0.6", "text/csv; charset=utf-8"),
        ("application/json;q=0, */*", "text/csv; charset=utf-8"),
        ("text/*", "text/csv; charset=utf-8"),
    ],
)
async def test_accept_chooses_the_form(client, accept, media_type):
    answer = await client.get("/api/v1/blocks", headers={"Accept": accept})

    assert answer.headers["content-type"] == media_type


async def test_format_is_stronger_than_accept(client):
    answer = await client.get("/api/v1/blocks?format=json", headers={"Accept": "text/csv"})

    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("coding", "unpack"), [("gzip", gzip.decompress), ("zstd", unpack_zstd)])
async def test_a_long_stream_is_packed_piece_by_piece(client, many_blocks, coding, unpack):
    packed = await raw(client, "/api/v1/blocks?format=ndjson", coding)
    plain = await client.get(
        "/api/v1/blocks?format=ndjson", headers={"Accept-Encoding": "identity"}
    )

    assert packed.headers["content-encoding"] == coding
    assert "content-encoding" not in plain.headers
    assert unpack(packed.content) == plain.content


async def test_a_long_stream_is_kept_by_nobody(client, many_blocks):
    answer = await client.get("/api/v1/blocks?format=csv")

    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


async def test_a_short_one_has_an_etag_and_holds_like_json(client, stored):
    stored(blocks=[block(0)], crawl=[crawl_state(0)])

    answer = await client.get("/api/v1/blocks?format=csv")

    assert answer.headers["cache-control"] == "public, s-maxage=8, stale-while-revalidate=30"
    assert "etag" in answer.headers


async def test_head_of_a_long_stream_reads_one_batch(client, many_blocks, queries):
    answer = await client.head("/api/v1/blocks?format=csv")

    assert (answer.status_code, answer.content) == (200, b"")
    assert "content-length" not in answer.headers
    assert len(queries) == 2


async def test_each_batch_begins_behind_the_one_before(client, many_blocks, queries):
    await client.get("/api/v1/blocks?format=csv")

    rows = [statement for statement in queries if "parent_hash" in statement]
    assert len(rows) == 3
    assert ["block.height < " in statement for statement in rows] == [False, True, True]


@pytest.mark.parametrize("city", ["=1+1", "+1", "-1+cmd", "@SUM(A1)", "\tx", "\r=1"])
async def test_no_text_is_a_formula_in_a_spreadsheet(client, stored, city):
    stored(peer_versions=[peer_version(1)], peers=[peer(1, "a:1", city=city)])

    answer = await client.get("/api/v1/peers?format=csv&fields=city,longitude")

    assert list(csv.reader(io.StringIO(answer.text, newline="")))[1] == [f"'{city}", "8.515"]


async def test_a_negative_number_is_no_formula(client, stored):
    west = peer(1, "a:1", longitude=Decimal("-8.5"))
    stored(peer_versions=[peer_version(1)], peers=[west])

    answer = await client.get("/api/v1/peers?format=csv&fields=longitude")

    assert answer.text == "longitude\r\n-8.5\r\n"
