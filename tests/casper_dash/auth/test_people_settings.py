"""The settings of people and letters: what is refused, and what follows from others."""

import pytest

from casper_dash.settings import AppSettings, masked
from crawler.settings import SettingsError, load_settings


def settings(**values) -> AppSettings:
    return load_settings(AppSettings, _env_file=None, **values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"secret_key": "short"}, "SECRET_KEY: too easy to guess, expected 32 random characters"),
        ({"secret_key": "ab" * 32}, "SECRET_KEY: too easy to guess, expected 32 random characters"),
        (
            {"secret_key": "please-change-me-0123456789-abcdefgh", "environment": "production"},
            "SECRET_KEY: this one is from an example, production needs one of its own",
        ),
        ({"admin_email": "ana"}, "ADMIN_EMAIL: expected one address like name@example.org"),
        ({"mail_from": "a@b\nBcc: c@d"}, "MAIL_FROM: expected one address"),
        ({"admin_url": "dash"}, "ADMIN_URL: 'dash' is no http:// or https:// address"),
        ({"trusted_proxies": "10.0.0.0/8,proxy"}, "TRUSTED_PROXIES: 'proxy' is no IP address"),
        ({"smtp_tls": "maybe"}, "SMTP_TLS: Input should be 'none', 'starttls' or 'tls'"),
        ({"smtp_port": 0}, "SMTP_PORT: Input should be greater than or equal to 1"),
    ],
)
def test_a_wrong_setting_is_one_line_with_its_name(values, message):
    with pytest.raises(SettingsError) as error:
        settings(**values)

    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_the_panels_address_follows_the_pages():
    assert settings(port=8080).admin_url == "http://localhost:8080/admin"
    found = settings(public_url="https://dash.example.org")

    assert found.admin_url == "https://dash.example.org/admin"
    assert found.admin_origin == "https://dash.example.org"
    assert found.over_tls
    assert found.sender == "casper-dash@dash.example.org"


@pytest.mark.parametrize(
    ("admin_url", "origin"),
    [
        ("HTTPS://Dash.Example.org:8443/admin/", "https://dash.example.org:8443"),
        ("https://dash.example.org:443/admin", "https://dash.example.org"),
        ("https://dash.example.org:4443", "https://dash.example.org:4443"),
        ("http://[::1]:80/admin", "http://[::1]"),
    ],
)
def test_an_origin_is_as_browsers_write_it(admin_url, origin):
    found = settings(admin_url=admin_url)

    assert found.admin_origin == origin
    assert found.over_tls is origin.startswith("https")


def test_secrets_are_not_shown():
    key = "hunter2-n3kV0bJ8dXq5zR7wT2yF9mLs4hGc6PaE"
    shown = masked(settings(secret_key=key, admin_password="hunter2", smtp_password="hunter2"))

    assert "hunter2" not in str(shown)
    assert shown["SECRET_KEY"] == shown["ADMIN_PASSWORD"] == shown["SMTP_PASSWORD"] == "***"
