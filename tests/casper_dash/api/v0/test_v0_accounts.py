import pytest

from crawler.parse.keys import account_hash
from tests.casper_dash.api.rows import ALICE, BOB, CAROL, known_account
from tests.factories import VALIDATORS

pytestmark = pytest.mark.anyio

UNKNOWN = {"statusCode": 404}


@pytest.mark.parametrize(
    "name", [VALIDATORS[0].upper(), f"account-hash-{ALICE}", f"ACCOUNT-HASH-{ALICE}", ALICE]
)
async def test_an_account_is_found_by_key_or_hash_in_any_case(ask, stored, name):
    known = {"public_key": VALIDATORS[0], "name": "Exchange A", "comment": "hot"}
    stored(accounts=[known_account(account_hash(VALIDATORS[0]), **known)])

    assert (await ask("/account", account=name)).json() == {
        "hash": f"account-hash-{ALICE}",
        "hex": VALIDATORS[0],
        "name": "Exchange A",
        "comment": "hot",
    }


async def test_what_is_not_known_of_an_account_is_null(ask, stored):
    stored(accounts=[known_account(CAROL, name="")])

    answer = (await ask("/account", account=CAROL)).json()

    assert list(answer.values())[1:] == [None, None, None]


@pytest.mark.parametrize("name", [BOB, "nobody", ""])
async def test_an_unknown_account_is_200_that_says_404(ask, stored, name):
    stored(accounts=[known_account(CAROL)])

    answer = await ask("/account", account=name)

    assert (answer.status_code, answer.json()) == (200, UNKNOWN)


async def test_a_missing_account_is_400(ask):
    answer = await ask("/account")

    assert answer.status_code == 400
    assert answer.json()["error"]["name"] == "BadRequestError"


async def test_known_accounts_are_those_with_a_name_each_with_a_number_of_its_own(ask, stored):
    stored(
        accounts=[
            known_account(ALICE, name="A"),
            known_account(BOB, name="B", comment="b", public_key=VALIDATORS[1]),
            known_account(CAROL, name=""),
            known_account("00" * 32),
        ]
    )

    rows = (await ask("/knownAccounts")).json()

    assert {row["name"] for row in rows} == {"A", "B"}
    assert list(rows[0]) == ["id", "hash", "hex", "name", "comment"]
    ids = [row["id"] for row in rows]
    assert ids == sorted(set(ids))
    assert all(0 <= each < 2**53 for each in ids)
