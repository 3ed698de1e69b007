"""Which addresses can be used, and what of them may be shown."""

import re

import pytest

from crawler.addresses import check_http_url, shown_url


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:7777/rpc",
        "http://[::1]:7777/rpc",
        "https://node.example.org/rpc?token=abc",
        "https://bücher.example.org/rpc",
        "http://node_1:7777/rpc",
    ],
)
def test_an_address_that_http_can_be_spoken_with_stays_as_it_is(url: str):
    assert check_http_url(url) == url


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "'nonsense' is no http:// or https:// address"),
        ("localhost:7777/rpc", "'localhost:7777/rpc' is no http:// or https:// address"),
        ("http:/a/rpc", "'http:/a/rpc' is no http:// or https:// address"),
        ("http://a/rpc ", "'http://a/rpc ' is no http:// or https:// address"),
        ("http://a:99999/rpc", "'http://a:99999/rpc' is no http:// or https:// address"),
        ("http://a..b/rpc", "'http://a..b/rpc' names no possible host"),
        (f"http://{'a' * 64}.b/rpc", f"'http://{'a' * 64}.b/rpc' names no possible host"),
        (
            "http://user:secret@a/rpc",
            "'http://a/rpc' has a user name or password in it: none is sent",
        ),
        ("http://secret@a/rpc", "'http://a/rpc' has a user name or password in it: none is sent"),
        ("http://user:secret@a..b/rpc", "'http://a..b/rpc' names no possible host"),
        ("ftp://user:secret@a/rpc?key=secret", "'ftp://a/rpc?key=***' is no http://"),
        ("user:secret@a/rpc", "'***' is no http:// or https:// address"),
        (
            "http://user:sec/secret@a/rpc",
            "'http://***/***@a/rpc' is no http:// or https:// address",
        ),
        ("http://user:sec?secret@a/rpc", "'http://***?***' is no http:// or https:// address"),
        ("http://[secret@a/rpc", "'***' is no http:// or https:// address"),
    ],
)
def test_any_other_is_refused_in_one_line_without_its_secrets(url: str, told: str):
    with pytest.raises(ValueError, match="^" + re.escape(told)) as caught:
        check_http_url(url)

    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:secret@a:7777/rpc", "http://a:7777/rpc"),
        ("https://a/rpc?token=secret&secret#secret", "https://a/rpc?token=***&***#***"),
    ],
)
def test_a_shown_address_has_neither_its_user_nor_the_values_of_its_query(url: str, shown: str):
    assert shown_url(url) == shown


@pytest.mark.parametrize("url", ["HTTP://A:7777/rpc/", "http://[::1]/x?", "somewhere"])
def test_an_address_without_secrets_is_shown_as_it_is(url: str):
    assert shown_url(url) == url
