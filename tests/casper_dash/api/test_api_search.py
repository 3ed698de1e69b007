import pytest

from tests.casper_dash.api.rows import ALICE, BOB, CAROL, era_validator, known_account, transfer
from tests.factories import VALIDATORS, block, digest, era

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def chain(stored):
    stored(
        blocks=[block(height) for height in range(12)],
        eras=[era(0), era(1)],
        transfers=[transfer(3)],
        validators=[era_validator(1, VALIDATORS[0], 5)],
        accounts=[
            known_account(ALICE, public_key=VALIDATORS[0], name="Alice & 100% Sons"),
            known_account(CAROL, name="carol_1"),
        ],
    )


async def hits(client, text):
    answer = await client.get("/api/v1/search", params={"q": text})
    assert answer.status_code == 200, answer.text
    return [(row["kind"], row["id"]) for row in answer.json()["data"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", [("block", "1"), ("era", "1"), ("account", ALICE), ("account", CAROL)]),
        ("11", [("block", "11")]),
        ("12", []),
        (" 11 ", [("block", "11")]),
        ("9" * 60, []),
        (digest("block 4"), [("block", "4")]),
        (digest("block 4").upper(), [("block", "4")]),
        (digest("deploy 3 0"), [("transaction", digest("deploy 3 0"))]),
        (BOB, [("account", BOB)]),
        (f"account-hash-{BOB}", [("account", BOB)]),
        (VALIDATORS[0], [("validator", VALIDATORS[0]), ("account", ALICE)]),
        (VALIDATORS[1], [("account", BOB)]),
        (digest("nothing"), []),
        ("aLICE", [("account", ALICE)]),
        ("100%", [("account", ALICE)]),
        ("%", [("account", ALICE)]),
        ("l_1", [("account", CAROL)]),
        ("' OR 1=1 --", []),
    ],
)
async def test_a_text_names(client, text, expected):
    assert await hits(client, text) == expected


async def test_a_hit_says_what_to_call_it(client):
    answer = await client.get("/api/v1/search?q=alice")

    title = "Alice & 100% Sons"
    assert answer.json()["data"] == [{"kind": "account", "id": ALICE, "title": title, "place": 0}]


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20", f"?q={'a' * 101}", "?q=a%00b"])
async def test_a_text_is_needed(client, query):
    answer = await client.get(f"/api/v1/search{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "q"
