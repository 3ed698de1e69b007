import pytest

from tests.casper_dash.api.rows import (
    ALICE,
    BOB,
    CAROL,
    approval,
    balance,
    known_account,
    publication,
    transfer,
)
from tests.factories import (
    CSPR,
    GENESIS,
    VALIDATORS,
    crawl_state,
    derive_state,
    digest,
    era,
    running_era,
)

pytestmark = pytest.mark.anyio

SETTLED = "public, max-age=60, s-maxage=21600"
GROWING = "public, s-maxage=8, stale-while-revalidate=30"


async def places(client, **params):
    answer = await client.get("/api/v1/transfers", params=params)
    assert answer.status_code == 200, answer.text
    return [(row["height"], row["index"]) for row in answer.json()["data"]]


async def all_places(client, **params):
    read, cursor = [], {}
    while True:
        answer = await client.get("/api/v1/transfers", params=params | cursor)
        read += [(row["height"], row["index"]) for row in answer.json()["data"]]
        if answer.json()["next"] is None:
            return read
        cursor = {"cursor": answer.json()["next"]}


async def test_a_transfer_has_every_field_in_its_documented_form(client, stored):
    stored(
        transfers=[transfer(3, 1, transfer_id=2**64 - 1, depth=2)],
        accounts=[known_account(ALICE, public_key=VALIDATORS[0]), known_account(BOB)],
        balances=[balance(ALICE, 3, 5), balance(BOB, 3, None), balance(BOB, 2, 7)],
        approvals=[approval(3, 1, decided_by="Ana", decided_at=GENESIS, reason="sold")],
        derive=[derive_state()],
    )

    answer = await client.get("/api/v1/transfers")

    assert answer.json() == {
        "data": [
            {
                "height": 3,
                "index": 1,
                "era_id": 0,
                "kind": "native",
                "deploy_hash": digest("deploy 3 1"),
                "timestamp": "2026-11-24T12:00:24.000Z",
                "submitted_at": "2026-11-24T12:00:21.000Z",
                "from_public_key": VALIDATORS[0],
                "from_account_hash": ALICE,
                "to_public_key": None,
                "to_account_hash": BOB,
                "source": f"uref-{digest('alice purse')}",
                "target": f"uref-{digest('bob purse')}",
                "amount": "4000000000",
                "transfer_id": "18446744073709551615",
                "depth": 2,
                "approved": True,
                "decided_by": "Ana",
                "decided_at": "2026-11-24T12:00:00.000Z",
                "reason": "sold",
                "from_balance": "5",
                "to_balance": None,
            }
        ],
        "next": None,
    }


async def test_native_transfers_alone_are_told_unless_another_kind_is_asked_for(client, stored):
    kinds = ["native", "contract", "staking"]
    stored(transfers=[transfer(0, place, kind=kind) for place, kind in enumerate(kinds)])

    assert await places(client) == [(0, 0)]
    assert await places(client, kind="contract") == [(0, 1)]
    assert await places(client, kind="all") == [(0, 2), (0, 1), (0, 0)]
    assert await places(client, kind="all", sort="amount") == [(0, 2), (0, 1), (0, 0)]


@pytest.fixture
def several(stored):
    to_purse = {"to_account_hash": None, "target": f"uref-{digest('nobody')}"}
    stored(
        transfers=[
            transfer(0, 0, amount=50),
            transfer(1, 0, amount=10, from_account_hash=BOB, to_account_hash=CAROL),
            transfer(1, 1, amount=40, from_account_hash=CAROL, to_account_hash=ALICE, depth=3),
            transfer(12, 0, amount=30, from_account_hash=ALICE, to_account_hash=ALICE),
            transfer(15, 0, amount=20, **to_purse),
            transfer(15, 1, amount=40, kind="contract"),
        ]
    )


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [(15, 0), (12, 0), (1, 1), (1, 0), (0, 0)]),
        ({"order": "asc", "limit": 2}, [(0, 0), (1, 0)]),
        ({"account": ALICE}, [(15, 0), (12, 0), (1, 1), (0, 0)]),
        ({"account": VALIDATORS[0]}, [(15, 0), (12, 0), (1, 1), (0, 0)]),
        ({"account": f"account-hash-{CAROL}"}, [(1, 1), (1, 0)]),
        ({"account": ALICE, "direction": "in"}, [(12, 0), (1, 1)]),
        ({"account": ALICE, "direction": "out"}, [(15, 0), (12, 0), (0, 0)]),
        ({"era": 1}, [(15, 0), (12, 0)]),
        (
            {"after": "2026-11-24T12:00:08Z", "before": "2026-11-24T12:02:00Z"},
            [
                (12, 0),
                (1, 1),
                (1, 0),
            ],
        ),
        ({"min_amount": 30, "max_amount": 40}, [(12, 0), (1, 1)]),
        ({"depth": 3}, [(1, 1)]),
        ({"deploy_hash": digest("deploy 12 0")}, [(12, 0)]),
        ({"sort": "amount"}, [(0, 0), (1, 1), (12, 0), (15, 0), (1, 0)]),
        ({"sort": "amount", "order": "asc", "limit": 2}, [(1, 0), (15, 0)]),
        ({"sort": "amount", "account": ALICE}, [(0, 0), (1, 1), (12, 0), (15, 0)]),
        ({"sort": "amount", "kind": "all", "limit": 3}, [(0, 0), (15, 1), (1, 1)]),
    ],
)
async def test_filters_and_orders(client, several, params, expected):
    assert await places(client, **params) == expected


@pytest.mark.parametrize("sort", ["height", "amount"])
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("more", [{}, {"account": ALICE}, {"kind": "all"}])
async def test_pages_neither_skip_nor_repeat(client, several, sort, order, more):
    params = {"sort": sort, "order": order, **more}

    assert await all_places(client, limit=1, **params) == await places(client, **params)


async def test_a_cursor_is_of_its_sort(client, several):
    first = (await client.get("/api/v1/transfers?limit=1")).json()

    answer = await client.get(f"/api/v1/transfers?limit=1&sort=amount&cursor={first['next']}")

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("seen", "approved"), [(0, [None, True]), (1, [None, False]), (2, [True, False])]
)
async def test_a_transfer_counts_as_the_publication_that_readers_see_has_it(
    client, stored, seen, approved
):
    stored(
        transfers=[transfer(0), transfer(1)],
        approvals=[
            approval(0),
            approval(0, publication=1, approved=False),
            approval(1, publication=2),
        ],
        publications=[publication(number) for number in range(3)],
        derive=[derive_state(publication=seen)],
    )

    rows = (await client.get("/api/v1/transfers")).json()["data"]

    assert [row["approved"] for row in rows] == approved


@pytest.mark.parametrize(
    ("query", "cache_control"),
    [
        ("", GROWING),
        ("?era=0", SETTLED),
        ("?era=0&sort=amount", SETTLED),
        ("?era=1", GROWING),
        ("?order=asc&limit=1", SETTLED),
        ("?order=asc&sort=amount&limit=1", GROWING),
    ],
)
async def test_transfers_of_a_complete_era_hold_until_something_is_published(
    client, several, stored, query, cache_control
):
    stored(
        eras=[era(0), running_era(1, blocks=6)],
        crawl=[crawl_state(15)],
        derive=[derive_state(depth_to=15)],
    )

    answer = await client.get(f"/api/v1/transfers{query}")

    assert answer.headers["cache-control"] == cache_control


async def test_without_depths_nothing_is_settled(client, stored):
    stored(
        transfers=[transfer(0)],
        eras=[era(0)],
        crawl=[crawl_state(9)],
        derive=[derive_state(depth_to=-1)],
    )

    answer = await client.get("/api/v1/transfers?era=0")

    assert answer.headers["cache-control"] == GROWING


async def test_the_stream_of_two_sorts_is_the_whole_selection(client, stored):
    stored(transfers=[transfer(n, amount=(n * 7919) % 1500 * CSPR) for n in range(1500)])

    answer = await client.get("/api/v1/transfers?sort=amount&format=csv&fields=height,index,amount")

    amounts = [int(line.split(",")[2]) for line in answer.text.splitlines()[1:]]
    assert amounts == sorted(amounts, reverse=True)
    assert len(amounts) == 1500
