import pytest

from casper_dash.settings import AppSettings, masked
from crawler.settings import CrawlerSettings, SettingsError, load_settings


def settings(**values: str) -> CrawlerSettings:
    return load_settings(CrawlerSettings, _env_file=None, **values)


def test_prices_and_learnt_nodes_are_off_until_they_are_set():
    found = settings()

    assert found.prices_api_key == ""
    assert found.rpc_learn_nodes == "off"
    assert found.geodata_url == ""


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"prices_url": "prices"}, "PRICES_URL: 'prices' is no http:// or https:// address"),
        (
            {"geodata_url": "file:///x"},
            "GEODATA_URL: 'file:///x' is no http:// or https:// address",
        ),
        (
            {"prices_api_key": "two words"},
            "PRICES_API_KEY: expected printable ASCII characters without spaces",
        ),
        (
            {"prices_api_key": "key\nX-Other: 1"},
            "PRICES_API_KEY: expected printable ASCII characters without spaces",
        ),
        ({"rpc_learn_nodes": "all"}, "RPC_LEARN_NODES: Input should be 'off', 'public' or 'any'"),
    ],
)
def test_a_wrong_value_is_one_line_with_its_name(values: dict[str, str], message: str):
    with pytest.raises(SettingsError) as error:
        settings(**values)

    assert str(error.value) == message


def test_keys_and_passwords_of_sources_are_not_shown():
    shown = masked(
        load_settings(
            AppSettings,
            _env_file=None,
            prices_api_key="hunter2",
            prices_url="https://prices.example.org/histohour?token=hunter2",
            geodata_url="https://places.example.org/list.json?key=hunter2",
        )
    )

    assert "hunter2" not in str(shown)
    assert shown["PRICES_API_KEY"] == "***"
