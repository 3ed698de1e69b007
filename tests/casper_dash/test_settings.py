import pytest

from casper_dash.settings import AppSettings, masked
from crawler.settings import SettingsError, load_settings


def settings(**values):
    return load_settings(AppSettings, _env_file=None, **values)


def test_the_public_address_follows_the_port():
    assert settings().public_url == "http://localhost:3000"
    assert settings(port=8080).public_url == "http://localhost:8080"


def test_addresses_have_no_slash_at_their_end():
    found = settings(public_url="https://dash.example.org/", api_url="https://api.example.org/")

    assert found.public_url == "https://dash.example.org"
    assert found.api_url == "https://api.example.org"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"port": 0}, "PORT: Input should be greater than or equal to 1"),
        ({"environment": "staging"}, "ENVIRONMENT: Input should be 'development' or 'production'"),
        ({"public_url": "dash"}, "PUBLIC_URL: 'dash' is no http:// or https:// address"),
        ({"api_url": "ftp://x"}, "API_URL: 'ftp://x' is no http:// or https:// address"),
        (
            {"environment": "production", "log_level": "DEBUG"},
            "ENVIRONMENT: production refuses LOG_LEVEL=DEBUG, its records can hold secrets",
        ),
    ],
)
def test_a_wrong_setting_is_one_line_with_its_name(values, message):
    with pytest.raises(SettingsError) as error:
        settings(**values)

    assert str(error.value) == message


def test_effective_settings_are_shown_without_any_secret():
    shown = masked(
        settings(
            database_url="mysql+pymysql://dash:hunter2@db.example.org/dash?password=hunter2",
            rpc_nodes="http://node.example.org/rpc?token=hunter2,http://127.0.0.1:7777/rpc",
            prices_url="https://prices.example.org/?api_key=hunter2",
            geodata_url="HTTPS://places.example.org/?hunter2",
            metrics_token="hunter2",
        )
    )

    assert "hunter2" not in str(shown)
    assert (
        shown["DATABASE_URL"] == "mysql+pymysql://dash:***@db.example.org/dash?password=%2A%2A%2A"
    )
    assert shown["RPC_NODES"] == "http://node.example.org/rpc?token=***,http://127.0.0.1:7777/rpc"
    assert shown["PRICES_URL"] == "https://prices.example.org/?api_key=***"
    assert shown["METRICS_TOKEN"] == "***"
    assert shown["PRICES_API_KEY"] == ""
    assert shown["PORT"] == "3000"
    assert set(shown) == {name.upper() for name in AppSettings.model_fields}
