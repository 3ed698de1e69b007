from decimal import Decimal

import pytest

from tests.casper_dash.api.rows import price

pytestmark = pytest.mark.anyio


async def get(client, **params):
    answer = await client.get("/api/v1/prices", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_hour_has_every_field_as_a_plain_decimal(client, stored):
    stored(prices=[price(1, "0.000000000001", high=Decimal("1200.5"))])

    assert (await get(client))["data"] == [
        {
            "time": "2026-11-24T13:00:00.000Z",
            "open": "0.000000000001",
            "high": "1200.5",
            "low": "0.000000000001",
            "close": "0.000000000001",
            "volume_cspr": "1000",
            "volume_usd": "10",
        }
    ]


async def test_hours_are_bounded_by_after_and_before(client, stored):
    stored(prices=[price(hour) for hour in range(5)])

    rows = (await get(client, after="2026-11-24T13:00Z", before="2026-11-24T15:00Z"))["data"]

    assert [row["time"][11:13] for row in rows] == ["14", "13"]


async def test_a_day_has_the_first_open_last_close_and_the_extremes(client, stored):
    stored(
        prices=[
            price(0, "2", high=Decimal(9), low=Decimal(2)),
            price(5, "3", low=Decimal("0.5")),
            price(11, "4"),
            price(12, "5"),
        ]
    )

    rows = (await get(client, interval="day", order="asc"))["data"]

    assert rows[0] == {
        "time": "2026-11-24T00:00:00.000Z",
        "open": "2",
        "high": "9",
        "low": "0.5",
        "close": "4",
        "volume_cspr": "3000",
        "volume_usd": "30",
    }
    assert [row["close"] for row in rows] == ["4", "5"]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("hours", [range(24 * 6), [1, 50, 51, 100, 170, 190]])
async def test_pages_of_days_are_whole_days_and_neither_skip_nor_repeat(
    client, stored, order, hours
):
    stored(prices=[price(hour, str(hour + 1)) for hour in hours])

    read, cursor = [], {}
    while cursor is not None:
        page = await get(client, interval="day", order=order, limit=1, **cursor)
        read += page["data"]
        cursor = page["next"] and {"cursor": page["next"]}

    assert read == (await get(client, interval="day", order=order))["data"]
    assert len(read) == len({(hour + 12) // 24 for hour in hours})


async def test_the_newest_price(client, stored):
    assert (await client.get("/api/v1/prices/latest")).status_code == 404
    stored(prices=[price(1, "1"), price(2, "2")])

    assert (await client.get("/api/v1/prices/latest")).json()["close"] == "2"
