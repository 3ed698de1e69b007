from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from crawler.database import write_session
from crawler.feeds.cryptocompare import hourly_prices
from crawler.feeds.hour_price import MAX_HOURS, full_hour
from crawler.feeds.prices import batches, fill_prices, last_closed_hour, refresh_prices
from crawler.feeds.source import Source, SourceBusy
from crawler.models.feeds import PRICE, Price
from crawler.network import Network
from crawler.settings import CrawlerSettings
from tests.crawler.feeds.source_server import (
    HOUR,
    SourceServer,
    answer_of,
    row,
    serving,
)
from tests.databases import dump

GENESIS = datetime(2021, 3, 31, 15, tzinfo=UTC)
NOW = GENESIS + 100 * HOUR + timedelta(minutes=20)
LAST = GENESIS + 99 * HOUR
KEY = "key-of-the-operator"


@pytest.fixture
def server() -> Iterator[SourceServer]:
    with serving(SourceServer(market_began=GENESIS + 40 * HOUR)) as running:
        yield running


def fill(
    engine: Engine, server: SourceServer, *, now: datetime = NOW, first: datetime = GENESIS
) -> str:
    with Source(server.url, api_key=KEY) as source:
        return fill_prices(engine, partial(hourly_prices, source), first, lambda: now)


def hours_held(engine: Engine) -> list[datetime]:
    return [each["hour"] for each in dump(engine)["price"]]


def hours(first: datetime, last: datetime) -> list[datetime]:
    return [first + number * HOUR for number in range((last - first) // HOUR + 1)]


def test_every_closed_hour_since_the_market_began_is_held(engine: Engine, server: SourceServer):
    fill(engine, server)

    assert hours_held(engine) == hours(server.market_began, LAST)


def test_prices_are_the_decimals_that_the_source_wrote(engine: Engine, server: SourceServer):
    fill(engine, server)

    assert dump(engine)["price"][0] == {
        "hour": server.market_began,
        "open": Decimal("0.0312"),
        "high": Decimal("0.0314"),
        "low": Decimal("0.03101"),
        "close": Decimal("0.0312000001"),
        "volume_cspr": Decimal("1523000.25"),
        "volume_usd": Decimal("47513.9"),
        "rounded": False,
    }


def test_more_decimals_than_the_table_keeps_are_rounded_alike_on_every_database(
    engine: Engine, server: SourceServer
):
    server.answer = answer_of([]).replace(
        b'"Data": []', b'"Data": [%s]' % _written(row(LAST), close="0.00345678901234567891234")
    )
    fill(engine, server)

    assert [each["close"] for each in dump(engine)["price"]] == [Decimal("0.003456789012")]


def _written(values: dict[str, Any], **numbers: str) -> bytes:
    """JSON with numbers spelt as given: Python's floats would cut them."""
    parts = [
        f'"{key}": {numbers.get(key, values[key])}' for key in values if key[:10] != "conversion"
    ]
    return ("{" + ", ".join(parts) + "}").encode()


def test_the_running_hour_is_not_asked_for(engine: Engine, server: SourceServer):
    fill(engine, server)

    assert max(int(asked["toTs"]) for asked in server.questions) == LAST.timestamp()


@pytest.mark.parametrize(("minute", "closed"), [(0, 98), (4, 98), (5, 99), (59, 99)])
def test_an_hour_counts_as_closed_five_minutes_after_its_end(minute: int, closed: int):
    now = GENESIS + 100 * HOUR + timedelta(minutes=minute)

    assert last_closed_hour(now) == GENESIS + closed * HOUR


def test_hours_that_the_source_lacked_are_filled_later(engine: Engine, server: SourceServer):
    server.holes = {GENESIS + 60 * HOUR, LAST}
    fill(engine, server)
    assert not server.holes & set(hours_held(engine))

    server.holes = set()
    fill(engine, server, now=NOW + HOUR)

    assert hours_held(engine) == hours(server.market_began, LAST + HOUR)
    assert dump(engine)["price_gap"][-1]["hour"] < server.market_began


def test_hours_that_the_source_lacks_are_asked_for_ever_more_rarely(
    engine: Engine, server: SourceServer
):
    server.holes = {LAST}
    asked_at = []
    for minutes in range(0, 60 * 24 * 2, 60):
        before = len(server.questions)
        fill(engine, server, now=NOW + timedelta(minutes=minutes), first=LAST)
        asked = server.questions[before:]
        if any(int(each["toTs"]) - 3600 * int(each["limit"]) < LAST.timestamp() for each in asked):
            asked_at.append(minutes // 60)

    assert asked_at == [0, 1, 3, 7, 15, 31]


def test_a_full_table_asks_nothing(engine: Engine, server: SourceServer):
    fill(engine, server)
    before, questions = dump(engine), len(server.questions)
    told = fill(engine, server)

    assert told == "0 of 0 missing hours' prices stored"
    assert len(server.questions) == questions
    assert dump(engine) == before


def test_a_long_history_comes_in_batches_newest_first(engine: Engine, server: SourceServer):
    server.market_began = GENESIS
    now = GENESIS + 5_000 * HOUR
    fill(engine, server, now=now)

    assert hours_held(engine) == hours(GENESIS, last_closed_hour(now))
    asked = [int(question["toTs"]) for question in server.questions]
    assert asked == sorted(asked, reverse=True)
    assert len(asked) == 3
    assert all(int(question["limit"]) <= MAX_HOURS for question in server.questions)


def test_a_rate_limit_ends_the_run_and_keeps_what_came(engine: Engine, server: SourceServer):
    server.market_began, server.allowed_calls = GENESIS, 1
    with pytest.raises(SourceBusy, match="You are over your rate limit"):
        fill(engine, server, now=GENESIS + 5_000 * HOUR)

    assert len(hours_held(engine)) == MAX_HOURS
    assert len(server.questions) == 2

    server.allowed_calls = 1_000
    fill(engine, server, now=GENESIS + 5_000 * HOUR)

    assert len(hours_held(engine)) == 4_999


def test_hours_that_were_not_asked_for_are_left_out(engine: Engine, server: SourceServer):
    server.answer = answer_of([row(GENESIS - HOUR), row(GENESIS), row(LAST + HOUR)])
    fill(engine, server)

    assert hours_held(engine) == [GENESIS]


def test_without_a_key_nothing_is_asked(engine: Engine, network: Network, server: SourceServer):
    settings = CrawlerSettings(_env_file=None, prices_url=server.url)

    assert refresh_prices(engine, network, settings) == "prices are off: PRICES_API_KEY is empty"
    assert server.questions == []


def test_the_job_asks_from_the_networks_first_hour_on(
    engine: Engine, network: Network, server: SourceServer
):
    server.market_began = full_hour(network.genesis_time)
    settings = CrawlerSettings(_env_file=None, prices_url=server.url, prices_api_key=KEY)
    refresh_prices(engine, network, settings)

    assert hours_held(engine)[0] == server.market_began


def test_a_rounded_price_gives_way_to_the_sources_own(engine: Engine, server: SourceServer):
    fill(engine, server)
    right = dump(engine)["price"]
    with write_session(engine) as session:
        session.execute(
            update(Price).where(PRICE.hour == LAST).values(close=Decimal("0.03"), rounded=True)
        )
    fill(engine, server)

    assert dump(engine)["price"] == right


@given(st.sets(st.integers(0, 12_000)))
def test_batches_hold_every_hour_once_and_each_fits_one_question(numbers: set[int]):
    missing = [GENESIS + number * HOUR for number in sorted(numbers, reverse=True)]
    found = batches(missing)

    assert [hour for batch in found for hour in batch] == missing
    assert all((batch[0] - batch[-1]) / HOUR + 1 <= MAX_HOURS for batch in found)
