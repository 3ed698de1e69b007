import pytest

from crawler.parse.errors import ParseError
from crawler.parse.peers import parse_peers
from crawler.parse.records import Peer
from crawler.parse.status import parse_status
from tests.crawler.parse.builders import digest, to_json

HEAD = {"hash": digest(1), "height": 9, "era_id": 2, "timestamp": "2024-05-16T09:23:10.718Z"}
STATUS = {
    "chainspec_name": "casper",
    "build_version": "2.0.0",
    "last_added_block_info": HEAD,
    "available_block_range": {"low": 3, "high": 9},
    "reactor_state": "Validate",
}


def test_a_node_tells_its_head_and_what_it_holds():
    status = parse_status(to_json(STATUS))

    assert (status.chain_name, status.build_version) == ("casper", "2.0.0")
    assert (status.head.height, status.head.hash, status.head.era_id) == (9, digest(1), 2)
    assert (status.available_low, status.available_high) == (3, 9)
    assert status.reactor_state == "Validate"


def test_an_old_or_new_node_leaves_out_what_it_does_not_know():
    status = parse_status(
        to_json({**STATUS, "last_added_block_info": None, "available_block_range": None})
    )

    assert status.head is None
    assert status.available_low is status.available_high is None
    assert status.next_upgrade is status.uptime is status.protocol_version is None


@pytest.mark.parametrize(("point", "era"), [(7, 7), ("2024-05-16T09:23:10.718Z", None)])
def test_an_announced_upgrade_is_told_with_its_era(point: object, era: int | None):
    upgrade = {"activation_point": point, "protocol_version": "2.1.0"}
    status = parse_status(to_json({**STATUS, "next_upgrade": upgrade, "uptime": "7h 59m"}))

    assert (status.next_upgrade, status.next_upgrade_era) == ("2.1.0", era)
    assert status.uptime == "7h 59m"


def test_peers_keep_the_nodes_order():
    peers = [{"node_id": "tls:b", "address": "h:2"}, {"node_id": "tls:a", "address": "h:1"}]

    assert parse_peers(to_json({"peers": peers})) == (Peer("tls:b", "h:2"), Peer("tls:a", "h:1"))


def test_an_answer_without_peers_is_refused():
    with pytest.raises(ParseError, match=r"^info_get_peers: "):
        parse_peers(b"{}")
