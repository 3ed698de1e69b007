from datetime import timedelta
from decimal import Decimal

import pytest

from casper_dash.api.v0.prices import _FIRST_HOUR
from tests.casper_dash.api.rows import price

pytestmark = pytest.mark.anyio


async def test_the_price_is_the_newest_close_as_a_bare_number(ask, stored):
    stored(prices=[price(1, "0.0312"), price(0, "0.5")])

    answer = await ask("/price")

    assert (answer.text, answer.headers["content-type"]) == ("0.0312", "application/json")


async def test_without_any_price_it_is_0(ask):
    assert (await ask("/price")).text == "0"


async def test_prices_begin_with_the_market_and_end_with_the_newest(ask, stored):
    hours = (-1, 0, 1, 30_000)
    stored(prices=[price(0, hour=_FIRST_HOUR + timedelta(hours=hour)) for hour in hours])

    rows = (await ask("/prices")).json()

    assert [row["id"] for row in rows] == [3403, 3404, 33403]
    assert rows[0]["date"] == "2021-08-20T09:00:00.000Z"


async def test_a_price_has_every_key(ask, stored):
    figures = {"open": Decimal("0.1051"), "high": Decimal("0.106"), "low": Decimal("0.104")}
    volumes = {"volume_cspr": Decimal(1523000), "volume_usd": Decimal("159800.5")}
    stored(prices=[price(0, "0.1047", **{"hour": _FIRST_HOUR} | figures | volumes)])

    assert (await ask("/prices")).text == (
        '[{"id":3403,"date":"2021-08-20T09:00:00.000Z","open":0.1051,"close":0.1047,"high":0.106,'
        '"low":0.104,"volumeFrom":1523000,"volumeTo":159800.5}]'
    )


async def test_without_prices_the_list_is_empty(ask):
    assert (await ask("/prices")).json() == []
