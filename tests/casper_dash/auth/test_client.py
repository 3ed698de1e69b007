"""Whose address counts: forwarding headers of trusted proxies, read right to left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.auth.client import client_address, network_of, networks_of

PROXIES = networks_of(("127.0.0.1", "10.0.0.0/8", "fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.1", "192.0.2.1"),  # not through a proxy: anybody writes that
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("127.0.0.1", "10.9.9.9, 10.1.2.3", "10.9.9.9"),
        ("127.0.0.1", "203.0.113.9, nonsense, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("::ffff:127.0.0.1", "2001:DB8::1", "2001:db8::1"),
        ("fd00::1", "[2001:db8::1]", "2001:db8::1"),
        ("127.0.0.1", " , 198.51.100.1 , ", "198.51.100.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_client_is_the_first_from_the_right_who_is_no_trusted_proxy(peer, forwarded, client):
    assert client_address(peer, forwarded, PROXIES) == client


@given(st.lists(st.text(), max_size=5), st.ip_addresses())
def test_whatever_a_client_writes_the_address_is_the_one_that_the_proxy_saw(written, address):
    trusted = networks_of(("127.0.0.1",))
    shown = client_address("127.0.0.1", ",".join([*written, str(address)]), trusted)
    expected = client_address(str(address), "", ())

    assert shown == expected or expected == "127.0.0.1"


@given(st.text(), st.text())
def test_no_header_makes_it_fail(peer, forwarded):
    client_address(peer, forwarded, PROXIES)


def test_an_ipv6_network_counts_as_one_place():
    assert (
        network_of("2001:db8:0:1::5") == network_of("2001:db8:0:1:ffff::9") == "2001:db8:0:1::/64"
    )
    assert network_of("2001:db8:0:2::5") != network_of("2001:db8:0:1::5")
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("") == ""
