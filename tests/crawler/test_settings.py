"""Settings: every wrong value ends in one line that names it; .env.example says what there is."""

import os
from pathlib import Path
from typing import Any

import pytest

from crawler.settings import CrawlerSettings, SettingsError, load_settings

KEY = "01" + "ab" * 32
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests, and no `.env`."""
    for name in CrawlerSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DATABASE_URL", "nonsense", "no database address: sqlite:///FILE or mysql+pymysql://…"),
        ("DATABASE_URL", "mysql+pymysql://u:secret@h:port/x", "no database address"),
        ("DATABASE_URL", "postgresql://u:secret@h/x", "not one of sqlite, mysql+pymysql"),
        ("DATABASE_URL", "sqlite://", "names no database"),
        ("DATABASE_URL", "sqlite:///:memory:", "names no database"),
        ("DATABASE_URL", "mysql+pymysql://u:secret@h", "names no database"),
        ("DATABASE_CA", "/no/such/file", "no such file: /no/such/file"),
        ("DATABASE_CERT", "/no/such/file", "no such file: /no/such/file"),
        ("DATABASE_KEY", "/no/such/file", "no such file: /no/such/file"),
        ("RPC_NODES", "http://a/rpc,nonsense", "'nonsense' is no http:// or https:// address"),
        ("RPC_NODES", "ftp://a/rpc", "'ftp://a/rpc' is no http:// or https:// address"),
        ("RPC_NODES", "http://user:secret@a/rpc", "'http://a/rpc' has a user name or password"),
        ("RPC_NODES", "http://a..b/rpc", "'http://a..b/rpc' names no possible host"),
        ("RPC_EVENT_URLS", "ws://user:secret@a/?key=secret", "'ws://a/?key=***' is no http://"),
        ("PRICES_URL", "//a/?api_key=secret", "'//a/?api_key=***' is no http://"),
        ("GEODATA_URL", "https://user:secret@a/", "'https://a/' has a user name or password"),
        ("RPC_MIN_NODES", "0", "greater than or equal to 1"),
        ("RPC_MIN_NODES", "101", "less than or equal to 100"),
        ("RPC_MIN_NODES", "some", "valid integer"),
        ("RPC_TIMEOUT", "0", "greater than 0"),
        ("RPC_TIMEOUT", "601", "less than or equal to 600"),
        ("RPC_TIMEOUT", "nan", "less than or equal to 600"),
        ("RPC_CONCURRENCY", "0", "greater than or equal to 1"),
        ("RPC_CONCURRENCY", "1025", "less than or equal to 1024"),
        ("CRAWL_FROM", "-1", "greater than or equal to 0"),
        ("CRAWL_FROM", "9" * 30, "less than or equal to 9007199254740992"),
        ("CRAWL_WORKERS", "-1", "greater than or equal to 0"),
        ("CRAWL_WORKERS", "65", "less than or equal to 64"),
        ("INDEXED_VALIDATORS", "all,nobody", "'all' is no public key (01 + 64 hex or 02 + 66 hex)"),
        ("INDEXED_VALIDATORS", KEY + "0", "is no public key"),
        ("LOG_LEVEL", "LOUD", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("LOG_FORMAT", "xml", "'console' or 'json'"),
    ],
)
def test_a_wrong_value_ends_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(CrawlerSettings)

    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert told in message
    assert "\n" not in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("RPC_NODES", "http://a/rpc, http://b/rpc,", "rpc_nodes", ("http://a/rpc", "http://b/rpc")),
        ("RPC_NODES", "http://a/rpc,http://a/rpc", "rpc_nodes", ("http://a/rpc",)),
        ("RPC_NODES", "", "rpc_nodes", ()),
        ("INDEXED_VALIDATORS", "all", "indexed_validators", ("all",)),
        ("INDEXED_VALIDATORS", KEY.upper(), "indexed_validators", (KEY,)),
        ("CRAWL_WORKERS", "", "crawl_workers", min(os.cpu_count() or 1, 4)),
        ("RPC_TIMEOUT", "2.5", "rpc_timeout", 2.5),
    ],
)
def test_a_value_is_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, field: str, expected: Any
):
    monkeypatch.setenv(name, value)

    assert getattr(load_settings(CrawlerSettings), field) == expected


def test_a_value_is_read_from_the_file_and_the_environment_goes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / ".env").write_text("CRAWL_FROM=7\nRPC_TIMEOUT=3\nSOMEBODY_ELSES=1\n")
    monkeypatch.setenv("RPC_TIMEOUT", "4")
    settings = load_settings(CrawlerSettings)

    assert (settings.crawl_from, settings.rpc_timeout) == (7, 4)


@pytest.mark.parametrize(
    ("network", "nodes", "expected"),
    [
        ("", "", "sandbox"),
        ("", "http://a/rpc", "casper"),
        ("sandbox", "http://a/rpc", "sandbox"),
        ("casper", "", "casper"),
    ],
)
def test_the_network_follows_from_whether_nodes_are_named(network: str, nodes: str, expected: str):
    assert load_settings(CrawlerSettings, network=network, rpc_nodes=nodes).network_name == expected


def entries(text: str) -> dict[str, tuple[str, str]]:
    """NAME → (default, description) of lines `NAME=default` or `#NAME=default` below `# …`."""
    found: dict[str, tuple[str, str]] = {}
    comment: list[str] = []
    for line in text.splitlines():
        name, equals, default = line.removeprefix("#").partition("=")
        if line.startswith("# "):
            comment.append(line[2:].strip())
        elif equals and name.isupper():
            found[name] = (default, " ".join(comment))
            comment = []
        else:
            comment = []
    return found


@pytest.mark.parametrize("field", CrawlerSettings.model_fields)
def test_the_example_file_says_what_every_setting_is(field: str):
    declared = CrawlerSettings.model_fields[field]
    default = declared.default if declared.default_factory is None else ""
    written = "" if default == () else str(default)

    assert entries((ROOT / ".env.example").read_text(encoding="utf-8"))[field.upper()] == (
        written,
        declared.description,
    )
