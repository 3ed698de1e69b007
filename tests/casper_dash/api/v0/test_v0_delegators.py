import pytest

from tests.casper_dash.api.rows import price, reward
from tests.factories import CSPR, VALIDATORS

pytestmark = pytest.mark.anyio

VALIDATOR, DELEGATOR = VALIDATORS
OTHER = "01" + "cc" * 32


async def eras_paid(ask, **parameters):
    return [
        (row["eraId"], row["amount"]) for row in (await ask("/delegators", **parameters)).json()
    ]


async def test_a_reward_has_every_key(ask, stored, chain):
    stored(rewards=[reward(1, amount=2 * CSPR)], prices=[price(0, "0.5")])

    (row,) = (await ask("/delegators", validator=VALIDATOR.upper())).json()

    assert list(row.items()) == [
        ("id", row["id"]),
        ("eraId", 1),
        ("validator", VALIDATOR),
        ("delegator", DELEGATOR),
        ("amount", "2000000000"),
        ("usdAmount", 1),
        ("created_at", "2026-11-24T12:02:32.000Z"),
    ]


async def test_usd_is_0_while_the_price_is_not_known(ask, stored, chain):
    stored(rewards=[reward(1)])

    assert (await ask("/delegators", validator=VALIDATOR)).json()[0]["usdAmount"] == 0


@pytest.fixture
def rewards(stored, chain):
    stored(
        rewards=[
            reward(0, amount=1),
            reward(1, amount=2),
            reward(1, amount=3, delegator=OTHER),
            reward(2, amount=4, validator=OTHER),
            reward(2, amount=5, delegator=""),
        ]
    )


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"validator": VALIDATOR}, [(0, "1"), (1, "3"), (1, "2")]),
        ({"delegator": DELEGATOR.upper()}, [(0, "1"), (1, "2"), (2, "4")]),
        ({"validator": VALIDATOR, "delegator": DELEGATOR}, [(0, "1"), (1, "2")]),
        ({"validator": VALIDATOR, "delegator": ""}, [(0, "1"), (1, "3"), (1, "2")]),
        ({"validator": VALIDATOR, "limit": "2"}, [(1, "3"), (1, "2")]),
        ({"validator": VALIDATOR, "limit": "0"}, []),
        ({"validator": VALIDATOR, "limit": "1e9"}, [(0, "1"), (1, "3"), (1, "2")]),
        ({"validator": DELEGATOR}, []),
        ({"validator": "nobody"}, []),
        ({"delegator": "00"}, []),
    ],
)
async def test_the_newest_are_kept_and_the_oldest_come_first(ask, rewards, parameters, found):
    assert await eras_paid(ask, **parameters) == found


async def test_numbers_rise_and_are_unique(ask, rewards):
    ids = [row["id"] for row in (await ask("/delegators", validator=VALIDATOR)).json()]

    assert ids == sorted(set(ids))


@pytest.mark.parametrize("parameters", [{}, {"validator": ""}, {"validator": "", "delegator": ""}])
async def test_without_a_key_it_is_400(ask, rewards, parameters):
    assert (await ask("/delegators", **parameters)).status_code == 400


@pytest.mark.parametrize("limit", ["-1", "1.5", "x"])
async def test_a_limit_is_a_whole_number(ask, limit):
    assert (await ask("/delegators", validator=VALIDATOR, limit=limit)).status_code == 400
