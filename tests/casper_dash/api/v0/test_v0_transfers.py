from datetime import timedelta

import pytest

from tests.casper_dash.api.rows import ALICE, BOB, CAROL, approval, known_account, transfer
from tests.factories import CSPR, VALIDATORS, block, digest

pytestmark = pytest.mark.anyio

PURSE = f"uref-{digest('alice purse')}"


def account(account_hash):
    return f"account-hash-{account_hash}"


async def test_an_eras_transfers_with_every_key(ask, stored, chain):
    submitted = block(12)["timestamp"] + timedelta(milliseconds=999)
    stored(
        transfers=[transfer(12, 1, amount=2500 * CSPR + 7, depth=2, submitted_at=submitted)],
        accounts=[known_account(BOB, public_key=VALIDATORS[1])],
        approvals=[approval(12, 1)],
    )

    answer = (await ask("/transfersByEraId", eraId="1")).json()

    assert answer == {
        "eraId": 1,
        "eraStart": "2026-11-24T12:01:20.000Z",
        "eraEnd": "2026-11-24T12:02:32.000Z",
        "transfers": [
            {
                "id": answer["transfers"][0]["id"],
                "timestamp": "2026-11-24T12:01:36.000Z",
                "depth": 2,
                "approved": True,
                "blockHeight": 12,
                "eraId": 1,
                "deployHash": digest("deploy 12 1"),
                "from": PURSE,
                "fromHash": account(ALICE),
                "to": VALIDATORS[1],
                "toHash": account(BOB),
                "amount": "2500000000007",
                "denomAmount": 2500,
            }
        ],
        "count": 1,
    }
    assert list(answer["transfers"][0])[:5] == [
        "id", "timestamp", "depth", "approved", "blockHeight",
    ]  # fmt: skip


async def test_keys_of_parties_are_given_when_known_and_purses_where_there_is_no_account(
    ask, stored, chain
):
    stored(
        transfers=[transfer(12), transfer(13, to_account_hash=None, target="uref-x", amount=1)],
        accounts=[known_account(ALICE, public_key=VALIDATORS[0])],
    )

    first, second = (await ask("/transfersByEraId", eraId="1")).json()["transfers"]

    assert (first["from"], first["to"]) == (VALIDATORS[0], "")
    assert (second["to"], second["toHash"]) == ("", "uref-x")


async def test_not_judged_and_declined_are_not_approved(ask, stored, chain):
    stored(
        transfers=[transfer(12, place, amount=9 - place) for place in range(3)],
        approvals=[
            approval(12, 1, approved=False),
            approval(12, 2),
            approval(12, 2, publication=1, approved=False),
        ],
    )

    rows = (await ask("/transfersByEraId", eraId="1")).json()["transfers"]

    assert [row["approved"] for row in rows] == [False, False, True]


async def test_the_largest_come_first_then_by_height_and_place(ask, stored, chain):
    past_53_bits = 2**53
    stored(
        transfers=[
            transfer(11, 0, amount=past_53_bits),
            transfer(12, 1, amount=past_53_bits),
            transfer(12, 0, amount=past_53_bits),
            transfer(13, 0, amount=past_53_bits + 1),
        ]
    )

    rows = (await ask("/transfersByEraId", eraId="1")).json()["transfers"]

    assert [row["id"] for row in rows] == [13000000, 11000000, 12000000, 12000001]


async def test_only_native_transfers_count(ask, stored, chain):
    stored(
        transfers=[transfer(12), transfer(12, 1, kind="contract"), transfer(12, 2, kind="staking")]
    )

    assert (await ask("/transfersByEraId", eraId="1")).json()["count"] == 1
    assert (await ask("/transfersByAccountHash", account=ALICE)).json()["count"] == 1


@pytest.mark.parametrize(
    ("limit", "shown"), [(None, 20), ("0", 0), ("2.9", 2), ("1e9", 200), ("200", 200)]
)
async def test_the_limit_is_20_by_default_and_at_most_200_and_the_count_is_of_all(
    ask, stored, chain, limit, shown
):
    stored(transfers=[transfer(12, place) for place in range(210)])

    parameters = {} if limit is None else {"limit": limit}
    answer = (await ask("/transfersByEraId", eraId="1", **parameters)).json()

    assert (len(answer["transfers"]), answer["count"]) == (shown, 210)


async def test_a_negative_limit_is_an_invalid_parameter(ask, chain):
    answer = await ask("/transfersByEraId", limit="-1")

    assert answer.json()["error"]["message"] == 'Invalid data "-1" for parameter "limit".'


async def test_the_last_completed_era_is_the_default_and_may_have_none(ask, chain):
    answer = (await ask("/transfersByEraId")).json()

    assert (answer["eraId"], answer["transfers"], answer["count"]) == (2, [], 0)


async def test_the_running_era_has_no_end(ask, chain):
    assert (await ask("/transfersByEraId", eraId="3")).json()["eraEnd"] is None


@pytest.mark.parametrize(("era_id", "shown"), [("99", "99"), ("1e2", "100"), ("1.5", "1.5")])
async def test_an_unknown_era_is_an_entity_that_is_not_found(ask, chain, era_id, shown):
    answer = await ask("/transfersByEraId", eraId=era_id)

    assert answer.status_code == 404
    assert answer.json() == {
        "error": {
            "statusCode": 404,
            "name": "Error",
            "message": f"Entity not found: Era with id {shown}",
            "code": "ENTITY_NOT_FOUND",
        }
    }


async def test_without_any_era_it_is_era_0_that_is_not_found(ask):
    error = (await ask("/transfersByEraId")).json()["error"]

    assert error["message"] == "Entity not found: Era with id 0"


async def test_receivers_on_a_cycle_of_the_answer_are_marked_parallel_ones_too(ask, stored, chain):
    there = {"from_account_hash": ALICE, "to_account_hash": BOB}
    back = {"from_account_hash": BOB, "to_account_hash": ALICE}
    stored(
        transfers=[
            transfer(12, 0, amount=9, **there),
            transfer(12, 1, amount=8, **there),
            transfer(12, 2, amount=7, **back),
            transfer(12, 3, amount=6, from_account_hash=BOB, to_account_hash=CAROL),
            transfer(12, 4, amount=5, from_account_hash=CAROL, to_account_hash=CAROL),
        ]
    )

    rows = (await ask("/transfersByEraId", eraId="1")).json()["transfers"]
    cut = (await ask("/transfersByEraId", eraId="1", limit="2")).json()["transfers"]

    assert [row["toHash"].startswith("dub-account-hash-") for row in rows] == [
        True, True, True, False, True,
    ]  # fmt: skip
    assert not any(row["toHash"].startswith("dub-") for row in cut)


async def test_an_accounts_transfers_with_every_key_and_the_sums_of_all(ask, stored, chain):
    stored(
        transfers=[
            transfer(12, 0, amount=3),
            transfer(13, 0, amount=4, from_account_hash=CAROL, to_account_hash=ALICE),
        ]
    )

    answer = (await ask("/transfersByAccountHash", account=account(ALICE))).json()

    assert list(answer) == [
        "transfers",
        "count",
        "countTo",
        "countFrom",
        "transfersToSum",
        "transfersFromSum",
    ]
    assert list(answer.values())[1:] == [2, 1, 1, 4, 3]
    assert [list(row) for row in answer["transfers"]] == [
        [
            "timestamp",
            "blockHeight",
            "eraId",
            "deployHash",
            "from",
            "fromHash",
            "to",
            "toHash",
            "amount",
            "denomAmount",
        ]
    ] * 2
    assert [row["amount"] for row in answer["transfers"]] == ["4", "3"]


@pytest.mark.parametrize(
    "name",
    [
        ALICE,
        ALICE.upper(),
        account(ALICE),
        account(ALICE).upper(),
        VALIDATORS[0],
        VALIDATORS[0].upper(),
    ],
)
async def test_an_account_is_named_by_hash_or_key_in_any_case(ask, stored, chain, name):
    stored(transfers=[transfer(12)])

    assert (await ask("/transfersByAccountHash", account=name)).json()["countFrom"] == 1


async def test_a_purse_of_no_account_is_named_by_itself(ask, stored, chain):
    target = f"uref-{digest('somewhere')}-007"
    stored(
        transfers=[transfer(12, to_account_hash=None, target=target), transfer(13, target=target)]
    )

    answer = (await ask("/transfersByAccountHash", account=target.upper())).json()

    assert (answer["countTo"], answer["countFrom"]) == (1, 0)


@pytest.mark.parametrize("name", ["nobody", digest("nobody"), "uref-nothing"])
async def test_an_unknown_account_has_empty_lists_and_zeros(ask, chain, name):
    assert (await ask("/transfersByAccountHash", account=name)).json() == {
        "transfers": [],
        "count": 0,
        "countTo": 0,
        "countFrom": 0,
        "transfersToSum": 0,
        "transfersFromSum": 0,
    }


@pytest.mark.parametrize("parameters", [{}, {"account": ""}])
async def test_a_missing_account_is_400(ask, parameters):
    assert (await ask("/transfersByAccountHash", **parameters)).status_code == 400


async def test_a_transfer_to_oneself_counts_twice_and_is_on_a_cycle(ask, stored, chain):
    stored(transfers=[transfer(12, to_account_hash=ALICE, amount=5)])

    answer = (await ask("/transfersByAccountHash", account=ALICE)).json()

    assert [row["toHash"] for row in answer["transfers"]] == [f"dub-{account(ALICE)}"] * 2
    assert list(answer.values())[1:] == [2, 1, 1, 5, 5]


async def test_of_equal_amounts_what_came_in_stands_first_then_height_and_place(ask, stored, chain):
    stored(
        transfers=[
            transfer(12, 1, amount=5),
            transfer(12, 0, amount=5, from_account_hash=BOB, to_account_hash=ALICE),
            transfer(11, 0, amount=5),
            transfer(13, 0, amount=6),
        ]
    )

    rows = (await ask("/transfersByAccountHash", account=ALICE)).json()["transfers"]

    assert [(row["amount"], row["blockHeight"]) for row in rows] == [
        ("6", 13), ("5", 11), ("5", 12), ("5", 12),
    ]  # fmt: skip
    assert rows[2]["fromHash"] == account(BOB)


async def test_200_rows_at_most_and_sums_exact_beyond_64_bits(ask, stored, chain):
    stored(transfers=[transfer(12, place, amount=2**62 + place) for place in range(210)])

    answer = (await ask("/transfersByAccountHash", account=ALICE)).json()

    assert len(answer["transfers"]) == 200
    assert (answer["countFrom"], answer["transfersFromSum"]) == (210, 210 * 2**62 + 21945)
    received = (await ask("/transfersByAccountHash", account=BOB)).json()
    assert (received["countTo"], received["transfersToSum"]) == (210, 210 * 2**62 + 21945)
