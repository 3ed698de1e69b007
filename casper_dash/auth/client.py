"""Where a request comes from: forwarding headers count from trusted proxies alone.

Read right to left: each proxy appends whom it talked to, so the first address from the right that
is no trusted proxy is the client; what stands left of it anybody can have written.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

from casper_dash.auth.sessions import Client

Networks = Sequence[IPv4Network | IPv6Network]


def networks_of(trusted: Iterable[str]) -> Networks:
    """TRUSTED_PROXIES as networks."""
    return [ip_network(each) for each in trusted]


def client_of(request: Request, trusted: Networks) -> Client:
    """The client of a request, its address empty where it cannot be told."""
    peer = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    return Client(client_address(peer, forwarded, trusted), request.headers.get("user-agent", ""))


def client_address(peer: str, forwarded_for: str, trusted: Networks) -> str:
    """The client's address, given who connected and `X-Forwarded-For`."""
    address = _address(peer)
    for hop in reversed([each for each in forwarded_for.split(",") if each.strip()]):
        if not _is_trusted(address, trusted):
            break
        before = _address(hop)
        if not before:
            break  # whoever wrote this is the last that is known
        address = before
    return address


def network_of(address: str) -> str:
    """What one person can be taken to have: an IPv4 address, an IPv6 network of 64 bits."""
    if ":" not in address:
        return address
    return str(ip_network(f"{address}/64", strict=False))


def _is_trusted(address: str, trusted: Networks) -> bool:
    return bool(address) and any(ip_address(address) in network for network in trusted)


def _address(text: str) -> str:
    """In its one spelling; empty for what is none."""
    bare = text.strip().strip("[]")
    try:
        found = ip_address(bare)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        # an IPv4 client of a dual socket; and a zone is of no use elsewhere
        return str(found.ipv4_mapped or IPv6Address(int(found)))
    return str(found)
