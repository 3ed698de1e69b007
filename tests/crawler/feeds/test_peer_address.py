import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.feeds.peer_address import rpc_url


@pytest.mark.parametrize(
    ("peer", "url"),
    [
        ("64.176.59.85:35000", "http://64.176.59.85:7777/rpc"),
        ("[2a01:4f8::1]:35000", "http://[2a01:4f8::1]:7777/rpc"),
        ("2a01:4f8::1:35000", "http://[2a01:4f8::1]:7777/rpc"),
    ],
)
def test_a_peers_address_gives_its_nodes_json_rpc_address(peer: str, url: str):
    assert rpc_url(peer, "public") == url
    assert rpc_url(peer, "any") == url


@pytest.mark.parametrize(
    "peer",
    [
        "127.0.0.1:35000",
        "10.0.0.1:35000",
        "172.16.0.1:35000",
        "192.168.1.1:35000",
        "169.254.169.254:35000",
        "100.64.0.1:35000",
        "198.51.100.1:35000",
        "[::1]:35000",
        "[fe80::1]:35000",
        "[fd00::1]:35000",
        "[::ffff:127.0.0.1]:35000",
        "[::127.0.0.1]:35000",
        "[64:ff9b::7f00:1]:35000",
        "[2002:7f00:1::]:35000",
        "[2001:0:7f00:1::]:35000",
    ],
)
def test_private_addresses_are_asked_only_if_any_may_be(peer: str):
    assert rpc_url(peer, "public") is None
    assert rpc_url(peer, "any") is not None


@pytest.mark.parametrize(
    "peer",
    [
        "",
        "64.176.59.85",
        "64.176.59.85:",
        "64.176.59.85:port",
        "node.example.org:35000",
        "localhost:35000",
        "127.1:35000",
        "2130706433:35000",
        "0x7f.0.0.1:35000",
        "0.0.0.0:35000",
        "[::]:35000",
        "224.0.0.1:35000",
        "[ff02::1]:35000",
        "[fe80::1%eth0]:35000",
        "64.176.59.85/x:35000",
        "user@64.176.59.85:35000",
    ],
)
def test_what_is_no_nodes_address_is_never_asked(peer: str):
    assert rpc_url(peer, "any") is None


@given(st.text())
def test_no_text_breaks_the_reading_of_an_address(text: str):
    rpc_url(text, "public")
    rpc_url(f"{text}:1", "any")
