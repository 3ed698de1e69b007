import csv
import io

import pytest

from tests.casper_dash.api.rows import (
    ALICE,
    BOB,
    CAROL,
    balance,
    known_account,
    price,
    reward,
    transfer,
)
from tests.factories import CSPR, VALIDATORS, digest, era

pytestmark = pytest.mark.anyio

DELEGATOR = VALIDATORS[1]
HOURS_AN_ERA = 10


def dated_era(era_id):
    """Eras 0 to 1 end on 24 November, 2 and 3 on 25, 4 to 6 and so on days of their own month."""
    first = era(era_id)
    ends = [
        "2026-11-24T12:20:00",
        "2026-11-24T22:31:00",
        "2026-11-25T08:00:00",
        "2026-12-01T00:00:00",
    ]
    return first | {"end": first["end"].fromisoformat(f"{ends[era_id]}+00:00")}


async def test_an_account_is_found_by_each_form_of_its_id(client, stored):
    stored(
        transfers=[
            transfer(1, amount=5),
            transfer(2, amount=6),
            transfer(2, 1, amount=100, kind="contract"),
            transfer(4, amount=2, from_account_hash=BOB, to_account_hash=ALICE),
        ],
        accounts=[known_account(ALICE, public_key=VALIDATORS[0], name="Alice & Sons")],
        balances=[balance(ALICE, 1, 77), balance(ALICE, 2, 55), balance(ALICE, 4, None)],
    )

    for form in (VALIDATORS[0], VALIDATORS[0].upper(), ALICE, f"account-hash-{ALICE}"):
        answer = await client.get(f"/api/v1/accounts/{form}")

        assert answer.json() == {
            "public_key": VALIDATORS[0],
            "account_hash": ALICE,
            "name": "Alice & Sons",
            "balance": "55",
            "transfers_in": {"count": 1, "amount": "2"},
            "transfers_out": {"count": 2, "amount": "11"},
            "first_seen": "2026-11-24T12:00:08.000Z",
            "last_seen": "2026-11-24T12:00:32.000Z",
        }


async def test_of_an_account_that_only_a_header_named_little_is_known(client, stored):
    stored(accounts=[known_account(CAROL)])

    answer = (await client.get(f"/api/v1/accounts/{CAROL}")).json()

    assert answer["transfers_in"] == {"count": 0, "amount": "0"}
    unknown = {name for name, value in answer.items() if value is None}
    assert unknown == {"public_key", "name", "balance", "first_seen", "last_seen"}


async def test_an_account_that_nobody_named_is_404(client):
    assert (await client.get(f"/api/v1/accounts/{CAROL}")).status_code == 404


@pytest.mark.parametrize("name", ["alice", VALIDATORS[0][:-1], f"hash-{'0' * 64}", "0x" + "0" * 62])
async def test_what_is_no_id_of_an_account_is_told_the_forms(client, name):
    answer = await client.get(f"/api/v1/accounts/{name}")

    assert answer.status_code == 400
    assert "01 and 64 or 02 and 66" in answer.json()["errors"][0]["allowed"]


@pytest.fixture
def paid(stored):
    stored(
        eras=[dated_era(era_id) for era_id in range(4)],
        rewards=[
            *(reward(era_id, amount=(era_id + 1) * CSPR) for era_id in range(4)),
            reward(1, validator=VALIDATORS[1], amount=5),
            reward(0, delegator="", amount=9 * CSPR),
            reward(0, delegator=digest("purse"), amount=3),
        ],
        prices=[price(0, "0.01"), price(11, "0.02"), price(20, "0.03")],
        accounts=[known_account(BOB, public_key=DELEGATOR)],
    )


async def rewards(client, account=DELEGATOR, **params):
    answer = await client.get(f"/api/v1/accounts/{account}/rewards", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_a_reward_has_its_price_and_worth_at_the_eras_end(client, paid):
    rows = await rewards(client, order="asc")

    assert rows[0] == {
        "era_id": 0,
        "period": None,
        "timestamp": "2026-11-24T12:20:00.000Z",
        "validator": VALIDATORS[0],
        "amount": "1000000000",
        "price_usd": "0.01",
        "amount_usd": "0.01",
    }
    assert [(row["era_id"], row["amount_usd"]) for row in rows] == [
        (0, "0.01"),
        (1, "0.04"),
        (1, "0.0000000001"),
        (2, "0.09"),
        (3, None),
    ]


async def test_rewards_are_found_by_account_hash_once_its_key_is_known(client, paid):
    assert await rewards(client, BOB) == await rewards(client, DELEGATOR)


async def test_rewards_paid_to_a_purse_are_found_by_it(client, paid):
    assert [row["amount"] for row in await rewards(client, digest("purse"))] == ["3"]


async def test_filters(client, paid):
    assert [row["era_id"] for row in await rewards(client, **{"from": 1, "to": 2})] == [2, 1, 1]
    assert len(await rewards(client, validator=VALIDATORS[1])) == 1


async def test_sums_of_days_and_of_months(client, paid):
    days = await rewards(client, group="day", order="asc", validator=VALIDATORS[0])
    months = await rewards(client, group="month", order="asc", validator=VALIDATORS[0])

    assert [(row["period"], row["amount"], row["amount_usd"]) for row in days] == [
        ("2026-11-24", "3000000000", "0.05"),
        ("2026-11-25", "3000000000", "0.09"),
        ("2026-12-01", "4000000000", None),
    ]
    assert [(row["period"], row["amount"], row["amount_usd"]) for row in months] == [
        ("2026-11", "6000000000", "0.14"),
        ("2026-12", "4000000000", None),
    ]
    assert {row["era_id"] for row in days + months} == {None}


async def test_a_sum_is_unknown_in_usd_while_one_of_its_prices_is(client, paid, stored):
    stored(eras=[era(9, end=dated_era(2)["end"].replace(hour=20))], rewards=[reward(9)])

    days = await rewards(client, group="day", order="asc", validator=VALIDATORS[0])

    assert [row["amount_usd"] for row in days] == ["0.05", None, None]


@pytest.mark.parametrize("group", ["era", "day", "month"])
async def test_pages_neither_skip_nor_repeat(client, paid, group):
    read, cursor = [], {}
    while cursor is not None:
        answer = await client.get(
            f"/api/v1/accounts/{DELEGATOR}/rewards", params={"group": group, "limit": 1, **cursor}
        )
        read += answer.json()["data"]
        cursor = answer.json()["next"] and {"cursor": answer.json()["next"]}

    assert read == await rewards(client, group=group)


async def test_csv_holds_plain_numbers_and_utc_times(client, stored):
    stored(eras=[dated_era(0)], rewards=[reward(0, amount=1)], prices=[price(0, "0.000000000001")])

    answer = await client.get(f"/api/v1/accounts/{DELEGATOR}/rewards?format=csv")

    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["timestamp"] == "2026-11-24T12:20:00.000Z"
    assert row["amount_usd"] == "0.000000000000000000001"
    assert row["period"] == ""
