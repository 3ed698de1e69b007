import gzip
from datetime import timedelta

import pytest

from casper_dash.api.caching import held_s, newest
from tests.casper_dash.api.clients import raw, unpack_zstd
from tests.factories import (
    GENESIS,
    block,
    crawl_range,
    crawl_state,
    derive_state,
    era,
    era_supply,
    running_era,
)

anyio_test = pytest.mark.anyio

UNCHANGING = "public, max-age=3600, s-maxage=21600, immutable"
SETTLED = "public, max-age=60, s-maxage=21600"
GROWING = "public, s-maxage=8, stale-while-revalidate=30"
NEWEST = "public, max-age=1, s-maxage=7, stale-while-revalidate=10"
RELEASE = "public, max-age=60, s-maxage=3600"


@pytest.fixture
def chain(stored, clock):
    """Eras 0 to 2 complete, but of era 2 no supply is worked out; era 3 runs."""
    clock.now = block(34)["timestamp"]
    stored(
        blocks=[block(height) for height in range(35)],
        eras=[*map(era, range(3)), running_era(3, blocks=5)],
        supplies=[era_supply(0), era_supply(1)],
        crawl=[crawl_state(34)],
        derive=[derive_state()],
    )


@anyio_test
@pytest.mark.parametrize(
    ("path", "cache_control"),
    [
        ("blocks/3", UNCHANGING),
        (f"blocks/{block(3)['hash']}", UNCHANGING),
        ("blocks/latest", NEWEST),
        ("blocks", GROWING),
        ("blocks?to=34", SETTLED),
        ("blocks?to=35", GROWING),
        ("blocks?order=asc&limit=10", SETTLED),
        ("blocks?order=asc", GROWING),
        ("eras/1", SETTLED),
        ("eras/2", GROWING),
        ("eras/3", GROWING),
        ("eras/current", "public, max-age=1, s-maxage=1, stale-while-revalidate=10"),
        ("eras/latest", "public, max-age=1, s-maxage=1, stale-while-revalidate=10"),
        ("eras", GROWING),
        ("eras?to=1", SETTLED),
        ("eras?to=2", GROWING),
        ("eras?order=asc&limit=2", SETTLED),
        ("network", NEWEST),
        ("../openapi.json", RELEASE),
        ("blocks/99", "no-store"),
        ("blocks?limit=0", "no-store"),
        ("nothing", "no-store"),
    ],
)
async def test_each_kind_of_answer_says_how_long_it_holds(client, chain, path, cache_control):
    answer = await client.get(f"/api/v1/{path}")

    assert answer.headers["cache-control"] == cache_control


@anyio_test
async def test_blocks_below_a_missing_one_are_settled_and_those_above_are_not(client, stored):
    stored(
        blocks=[block(height) for height in range(20) if height != 10],
        crawl=[crawl_state(19)],
        ranges=[crawl_range(10, 10)],
    )

    below = await client.get("/api/v1/blocks?to=9")
    above = await client.get("/api/v1/blocks?to=12")

    assert below.headers["cache-control"] == SETTLED
    assert above.headers["cache-control"] == GROWING


@anyio_test
async def test_an_older_page_is_settled(client, chain):
    first = (await client.get("/api/v1/blocks?limit=5")).json()

    second = await client.get(f"/api/v1/blocks?limit=5&cursor={first['next']}")

    assert second.headers["cache-control"] == SETTLED


@anyio_test
@pytest.mark.parametrize("path", ["blocks/3", "blocks?to=9", "eras/1", "network", "blocks"])
async def test_a_held_answer_is_confirmed_without_a_query(client, chain, queries, path):
    etag = (await client.get(f"/api/v1/{path}")).headers["etag"]
    queries.clear()

    answer = await client.get(f"/api/v1/{path}", headers={"If-None-Match": etag})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert "cache-control" in answer.headers
    assert "content-length" not in answer.headers
    assert queries == []


@anyio_test
async def test_an_answer_that_is_not_held_is_confirmed_too(client, chain, clock, queries):
    etag = (await client.get("/api/v1/blocks")).headers["etag"]
    clock.pass_time(2)
    queries.clear()

    answer = await client.get("/api/v1/blocks", headers={"If-None-Match": etag})

    assert answer.status_code == 304
    assert queries != []


@anyio_test
@pytest.mark.parametrize("header", ["*", 'W/{}, "other"', '"other",{}'])
async def test_if_none_match_is_a_list_of_tags_weak_or_strong(client, chain, header):
    etag = (await client.get("/api/v1/blocks/3")).headers["etag"]

    answer = await client.get("/api/v1/blocks/3", headers={"If-None-Match": header.format(etag)})

    assert answer.status_code == 304


@anyio_test
async def test_another_tag_gets_the_whole_answer(client, chain):
    answer = await client.get("/api/v1/blocks/3", headers={"If-None-Match": '"other"'})

    assert answer.json()["height"] == 3


@anyio_test
async def test_the_etag_is_of_the_encoding(client, chain):
    plain = await client.get("/api/v1/blocks", headers={"Accept-Encoding": "identity"})
    gzipped = await raw(client, "/api/v1/blocks", "br, gzip;q=0.5")
    zstd = await raw(client, "/api/v1/blocks", "gzip, br, zstd")

    for packed, name, unpack in ((gzipped, "gzip", gzip.decompress), (zstd, "zstd", unpack_zstd)):
        assert packed.headers["content-encoding"] == name
        assert int(packed.headers["content-length"]) == len(packed.content) < len(plain.content)
        assert unpack(packed.content) == plain.content
    assert len({each.headers["etag"] for each in (plain, gzipped, zstd)}) == 3
    assert not plain.headers["etag"].startswith("W/")


@anyio_test
@pytest.mark.parametrize("coding", ["gzip", "zstd", "identity"])
async def test_the_etag_of_each_encoding_confirms_that_one(client, chain, coding):
    accept = {"Accept-Encoding": coding}
    etag = (await raw(client, "/api/v1/blocks", coding)).headers["etag"]

    same = await client.get("/api/v1/blocks", headers={"If-None-Match": etag, **accept})
    other = "gzip" if coding != "gzip" else "zstd"
    of_another = await raw(client, "/api/v1/blocks", other, {"If-None-Match": etag})

    assert (same.status_code, same.headers["etag"]) == (304, etag)
    assert of_another.status_code == 200


@anyio_test
async def test_all_encodings_are_made_of_one_look_up(client, chain, queries):
    await client.get("/api/v1/blocks", headers={"Accept-Encoding": "identity"})
    queries.clear()

    await raw(client, "/api/v1/blocks", "gzip")
    await raw(client, "/api/v1/blocks", "zstd")

    assert queries == []


@anyio_test
async def test_small_answers_are_not_packed(client, chain):
    answer = await client.get("/api/v1/blocks/3?fields=height")

    assert "content-encoding" not in answer.headers


@anyio_test
async def test_every_answer_says_what_it_varies_with_and_that_anyone_may_read_it(client, chain):
    for path in ("blocks", "blocks/3", "blocks/99", "nothing", "blocks?limit=0"):
        headers = (await client.get(f"/api/v1/{path}")).headers

        assert headers["vary"] == "Accept, Accept-Encoding"
        assert headers["access-control-allow-origin"] == "*"


@anyio_test
async def test_head_is_get_without_the_body(client, chain):
    get = await client.get("/api/v1/blocks")
    head = await client.head("/api/v1/blocks")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers


@anyio_test
async def test_a_missing_block_is_asked_for_again_each_time(client, stored):
    assert (await client.get("/api/v1/blocks/7")).status_code == 404
    stored(blocks=[block(7)])

    assert (await client.get("/api/v1/blocks/7")).status_code == 200


@anyio_test
@pytest.mark.parametrize("path", ["blocks/latest", "blocks?limit=1", "blocks?era=0&limit=1"])
async def test_a_new_block_is_in_every_answer_after_a_second(client, stored, clock, path):
    stored(blocks=[block(0)])
    await client.get(f"/api/v1/{path}")
    stored(blocks=[block(1)])
    clock.pass_time(1)

    answer = (await client.get(f"/api/v1/{path}")).json()

    assert answer.get("height", answer.get("data", [{}])[0].get("height")) == 1


@pytest.mark.parametrize(("age_s", "shared_s"), [(-9, 8), (0, 7), (3.5, 3), (6, 1), (100, 1)])
def test_an_edge_holds_the_newest_until_just_before_the_next_block(age_s, shared_s):
    answer = newest(GENESIS, GENESIS + timedelta(seconds=age_s))

    assert f"s-maxage={shared_s}," in answer


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [(UNCHANGING, 3600), (SETTLED, 60), (GROWING, 1), (NEWEST, 1), ("no-store", 0), ("", 0)],
)
def test_this_process_holds_an_answer_no_longer_than_a_browser_may(cache_control, seconds):
    assert held_s(cache_control) == seconds
