import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine

from crawler.database import transact
from crawler.feeds.places import bundled_rows, keep_places, refresh_places
from crawler.feeds.source import SourceError
from crawler.network import Network, load_network
from crawler.sandbox.answers.status import peers
from crawler.sandbox.network import VALIDATORS
from crawler.settings import CrawlerSettings
from tests.crawler.feeds.source_server import SourceServer, serving
from tests.databases import dump
from tests.factories import VALIDATORS as KEYS

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def place(address: str = "203.0.113.7:35000", **changes: Any) -> dict[str, Any]:
    values = {
        "address": address,
        "public_key": KEYS[0].upper(),
        "node_version": "2.2.0",
        "role": "VALIDATOR",
        "country": "JP",
        "region": "Tokyo",
        "city": "Tokyo",
        "postal": "135-0091",
        "timezone": "Asia/Tokyo",
        "organisation": "AS64500 Some Hosting",
        "latitude": 35.62,
        "longitude": 139.7712345,
        "performance": 22.39,
    }
    return values | changes


@pytest.fixture
def server() -> Iterator[SourceServer]:
    with serving(SourceServer()) as running:
        yield running


def refresh(engine: Engine, network: Network, server: SourceServer, places: Any) -> str:
    server.answer = places if isinstance(places, bytes) else json.dumps(places).encode()
    settings = CrawlerSettings(_env_file=None, geodata_url=server.url)
    return refresh_places(engine, network, settings)


def test_a_refresh_is_a_version_with_every_column(
    engine: Engine, network: Network, server: SourceServer
):
    told = refresh(engine, network, server, [place(), {"address": "203.0.113.8:35000"}])

    full, bare = dump(engine)["peer"]
    assert told == "2 nodes' places stored as version 0"
    assert full == {
        **place(),
        "version": 0,
        "public_key": KEYS[0],
        "role": "validator",
        "latitude": Decimal("35.62"),
        "longitude": Decimal("139.771234"),
        "performance": Decimal("22.39"),
    }
    assert {key for key, value in bare.items() if value is not None} == {"version", "address"}
    assert dump(engine)["peer_version"][0]["source"] == "127.0.0.1"


def test_a_changed_list_is_the_next_version(engine: Engine, network: Network, server: SourceServer):
    refresh(engine, network, server, [place(), place("203.0.113.8:35000")])
    refresh(engine, network, server, [place(city="Osaka")])

    assert [(row["version"], row["city"]) for row in dump(engine)["peer"]] == [
        (0, "Tokyo"),
        (0, "Tokyo"),
        (1, "Osaka"),
    ]
    assert [row["version"] for row in dump(engine)["peer_version"]] == [0, 1]


def test_an_unchanged_list_only_renews_the_time(
    engine: Engine, network: Network, server: SourceServer
):
    refresh(engine, network, server, [place(), place("203.0.113.8:35000")])
    before = dump(engine, without=["peer_version.refreshed_at"])
    told = refresh(engine, network, server, [place("203.0.113.8:35000"), place()])

    assert told == "2 nodes' places are unchanged"
    assert dump(engine, without=["peer_version.refreshed_at"]) == before


def test_ten_versions_are_kept(engine: Engine):
    for number in range(13):
        rows = [{"address": f"203.0.113.{number}:35000"}]
        transact(engine, partial(keep_places, rows=rows, source="test", now=NOW))

    assert [row["version"] for row in dump(engine)["peer_version"]] == list(range(3, 13))
    assert [row["version"] for row in dump(engine)["peer"]] == list(range(3, 13))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "unexpected answer: Input data was truncated"),
        (b"{}", "Expected `array`, got `object`"),
        ([], "Expected `array` of length >= 1"),
        ([place(), place()], "the address 203.0.113.7:35000 is there 2 times"),
        ([{"city": "Tokyo"}], "missing required field `address`"),
        ([place(""), place()], "length >= 1"),
        ([place("a" * 101)], "length <= 100"),
        ([place(public_key="01ab")], "regex"),
        ([place(country="Japan")], "regex"),
        ([place(latitude=None)], "203.0.113.7:35000: latitude and longitude go together"),
        ([place(latitude=91)], "203.0.113.7:35000: 91.000000,139.771234 is no place on Earth"),
        ([place(longitude=-181)], "203.0.113.7:35000: 35.620000,-181.000000 is no place on Earth"),
        ([place(latitude="NaN")], "203.0.113.7:35000: latitude: NaN is no number below 1000"),
        ([place(performance=10**7)], "performance: 10000000 is no number below 1000000"),
        ([place(performance="unknown")], "Invalid decimal"),
    ],
)
def test_a_failed_refresh_is_one_line_and_leaves_the_last(
    migrated_sqlite: Engine, network: Network, server: SourceServer, answer: Any, message: str
):
    refresh(migrated_sqlite, network, server, [place("203.0.113.1:35000")])
    before = dump(migrated_sqlite)
    with pytest.raises(SourceError) as error:
        refresh(migrated_sqlite, network, server, answer)

    assert message in str(error.value)
    assert str(error.value).startswith("127.0.0.1: ")
    assert "\n" not in str(error.value)
    assert dump(migrated_sqlite) == before


def test_the_sandbox_has_its_own_invented_nodes(engine: Engine):
    settings = CrawlerSettings(_env_file=None)
    told = refresh_places(engine, load_network("sandbox"), settings)

    rows = dump(engine)["peer"]
    assert told == f"{len(peers())} nodes' places stored as version 0"
    assert {row["address"] for row in rows} == {peer["address"] for peer in peers()}
    keys = {row["public_key"] for row in rows if row["role"] == "validator"}
    assert keys == {validator.public_key for validator in VALIDATORS}


def test_nothing_is_invented_for_mainnet(engine: Engine):
    settings = CrawlerSettings(_env_file=None)
    told = refresh_places(engine, load_network("casper"), settings)

    assert told == "no places are bundled for the network casper: set GEODATA_URL"
    assert dump(engine)["peer_version"] == []


@pytest.mark.parametrize(
    "name", ["../bundled_places/casper-sandbox", "./casper-sandbox", "", "casper"]
)
def test_a_networks_name_leads_to_no_other_file(name: str):
    assert bundled_rows(name) == []
