"""What can be wrong with a source of prices, and what never gets out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Engine

from crawler.feeds.cryptocompare import hourly_prices
from crawler.feeds.prices import fill_prices, refresh_prices
from crawler.feeds.source import Source, SourceBusy, SourceError
from crawler.network import Network
from crawler.settings import CrawlerSettings
from tests.crawler.feeds.source_server import (
    HOUR,
    RATE_LIMITED,
    SourceServer,
    answer_of,
    row,
    serving,
)
from tests.databases import dump

GENESIS = datetime(2021, 3, 31, 15, tzinfo=UTC)
LAST = GENESIS + 99 * HOUR
KEY = "key-of-the-operator"


@pytest.fixture
def server() -> Iterator[SourceServer]:
    with serving(SourceServer()) as running:
        yield running


def fill(engine: Engine, server: SourceServer) -> str:
    with Source(server.url, api_key=KEY) as source:
        return fill_prices(
            engine, partial(hourly_prices, source), GENESIS, lambda: LAST + HOUR * 1.5
        )


@pytest.mark.parametrize(
    ("status", "answer", "error", "message"),
    [
        (429, b"", SourceBusy, "asks for fewer calls (429)"),
        (
            200,
            RATE_LIMITED,
            SourceBusy,
            "You are over your rate limit please upgrade your account!",
        ),
        (
            200,
            b'{"Response": "Error", "Message": "slow down", "Type": 99, "Data": {}}',
            SourceBusy,
            "slow down",
        ),
        (500, b"", SourceError, "HTTP status 500"),
        (302, b"", SourceError, "HTTP status 302"),
        (200, b"", SourceError, "unexpected answer: Input data was truncated"),
        (200, b"[]", SourceError, "unexpected answer: Expected `object`, got `array`"),
        (200, b"[" * 100_000, SourceError, "unexpected answer: "),
        (200, answer_of([])[:-9], SourceError, "unexpected answer: Input data was truncated"),
        (
            200,
            b'{"Response": "Error", "Message": "fsym is no coin", "Data": {}}',
            SourceError,
            "fsym is no coin",
        ),
        (200, b'{"Response": "Success"}', SourceError, "missing required field `Data`"),
        (200, b'{"Response": "Success", "Data": {"Data": 5}}', SourceError, "got `int`"),
        (200, answer_of([row(LAST, close="dear")]), SourceError, "Invalid decimal"),
        (200, answer_of([row(LAST, close="NaN")]), SourceError, "close: NaN is no number"),
        (200, answer_of([row(LAST, close=-1)]), SourceError, "has a price that is not positive"),
        (200, answer_of([row(LAST, low=0)]), SourceError, "has a price that is not positive"),
        (
            200,
            answer_of([row(LAST, close=1e13)]),
            SourceError,
            "close: 10000000000000.0 is no number below",
        ),
        (200, answer_of([row(LAST, volumeto=None)]), SourceError, "got `null`"),
        (200, answer_of([row(LAST, time=12)]), SourceError, "12 is no full hour"),
        (200, answer_of([row(LAST, time=3600 * 10**14)]), SourceError, "is no full hour"),
    ],
)
def test_a_wrong_answer_is_one_line_and_stores_nothing(
    migrated_sqlite: Engine,
    server: SourceServer,
    status: int,
    answer: bytes,
    error: type[SourceError],
    message: str,
):
    server.status, server.answer = status, answer
    before = dump(migrated_sqlite)
    with pytest.raises(error) as raised:
        fill(migrated_sqlite, server)

    assert type(raised.value) is error
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert dump(migrated_sqlite) == before


def test_an_answer_that_is_cut_off_stores_nothing(migrated_sqlite: Engine, server: SourceServer):
    server.cut = True
    with pytest.raises(SourceError, match="peer closed connection"):
        fill(migrated_sqlite, server)

    assert dump(migrated_sqlite)["price"] == []


def test_an_answer_without_end_is_left_unread(migrated_sqlite: Engine, server: SourceServer):
    server.answer = b" " * (9 * 1024 * 1024)
    with pytest.raises(SourceError, match="answer over 8388608 bytes"):
        fill(migrated_sqlite, server)


def test_a_source_that_is_away_is_one_line(migrated_sqlite: Engine):
    away = SourceServer(port=1)
    with pytest.raises(SourceError, match="refused"):
        fill(migrated_sqlite, away)


def test_the_key_goes_in_a_header_and_into_no_error(
    migrated_sqlite: Engine, network: Network, server: SourceServer
):
    server.answer = b'{"Response": "Error", "Message": "bad key: key-of-the-operator", "Data": {}}'
    settings = CrawlerSettings(_env_file=None, prices_url=server.url, prices_api_key=KEY)
    with pytest.raises(SourceError) as raised:
        refresh_prices(migrated_sqlite, network, settings)

    assert str(raised.value) == "127.0.0.1: bad key: ***"
    assert server.keys == [f"Apikey {KEY}"]
    assert KEY not in str(server.questions)


def test_the_addresses_own_parameters_stay(server: SourceServer):
    with Source(f"{server.url}?e=Kraken") as source:
        hourly_prices(source, LAST, LAST)

    asked = server.questions[0]
    assert asked == {
        "e": "Kraken",
        "fsym": "CSPR",
        "tsym": "USD",
        "limit": "1",
        "toTs": str(int(LAST.timestamp())),
    }
