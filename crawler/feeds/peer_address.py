"""A peer's address → the JSON-RPC address that its node may answer at. Pure.

Whoever answers `info_get_peers` chooses these addresses: a liar could send the crawler to the
machines of its own network. So only numbers are taken, never names, and by default only
addresses of the public internet.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Literal

Reach = Literal["public", "any"]

RPC_PORT = 7777
_IPV6_UNICAST = IPv6Network("2000::/3")
_IPV4_WITHIN = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
"""6to4 and Teredo, which lead to an IPv4 address."""


def rpc_url(peer_address: str, reach: Reach) -> str | None:
    """`http://IP:7777/rpc` of a peer `IP:port`; None: no address that may be asked."""
    host, _, port = peer_address.rpartition(":")
    if not (port.isascii() and port.isdigit()):
        return None
    return url_of(host.removeprefix("[").removesuffix("]"), RPC_PORT, reach)


def url_of(host: str, port: int, reach: Reach) -> str | None:
    """The JSON-RPC address of an IP address and port; None unless `reach` allows to ask it."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if address.is_unspecified or address.is_multicast or getattr(address, "scope_id", None):
        return None
    if reach == "public" and not _is_public(address):
        return None
    written = f"[{address}]" if address.version == 6 else str(address)
    return f"http://{written}:{port}/rpc"


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global
    within = any(address in network for network in _IPV4_WITHIN)
    return address.is_global and address in _IPV6_UNICAST and not within
