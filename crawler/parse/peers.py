"""`info_get_peers` → whom a node is connected to."""

import msgspec

from crawler.parse.fields import Result, reads
from crawler.parse.records import Peer


class _Peer(msgspec.Struct):
    node_id: str
    address: str


class _Peers(msgspec.Struct):
    peers: list[_Peer]


_decoder = msgspec.json.Decoder(_Peers)


@reads("info_get_peers")
def parse_peers(result: Result) -> tuple[Peer, ...]:
    """The peers in the node's order; addresses are `host:port`."""
    return tuple(Peer(peer.node_id, peer.address) for peer in _decoder.decode(result).peers)
