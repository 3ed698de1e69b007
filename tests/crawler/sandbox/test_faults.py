import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from crawler.sandbox import encoding
from crawler.sandbox.chain import Chain
from crawler.sandbox.faults import Faults, parse_faults, parse_switches
from crawler.sandbox.node import Pace
from crawler.sandbox.running import RunningNetwork, running

from . import recorded
from .calls import SMALL, at, error, grown, node, result


@pytest.fixture
def network() -> Iterator[RunningNetwork]:
    with running(grown(SMALL, 60), nodes=2) as served:
        yield served


def post(url: str, method: str = "chain_get_block", params: Any = None) -> httpx.Response:
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return httpx.post(url, json=call, timeout=20)


def height_of(response: httpx.Response) -> int:
    return recorded.block_of(response.json()["result"])["header"]["height"]


def test_nodes_answer_on_their_own_ports_and_share_the_chain(network: RunningNetwork):
    assert len(set(network.urls)) == 2
    assert [height_of(post(url)) for url in network.urls] == [60, 60]

    network.advance(3)

    assert [height_of(post(url)) for url in network.urls] == [63, 63]


def test_a_fault_touches_its_node_only_and_can_be_taken_back(network: RunningNetwork):
    network.set_faults(0, {"http_status": 503})
    assert [post(url).status_code for url in network.urls] == [503, 200]

    network.set_faults(0, {})

    assert post(network.urls[0]).status_code == 200


def test_down_drops_the_connection_and_control_still_answers(network: RunningNetwork):
    network.set_faults(None, {"down": True})
    url = network.urls[0]

    with pytest.raises(httpx.TransportError):
        post(url)
    assert httpx.get(url.replace("/rpc", "/control")).json()["faults"][0]["down"] is True


def test_cut_ends_the_body_early(network: RunningNetwork):
    network.set_faults(0, {"cut": True})

    with pytest.raises(httpx.RemoteProtocolError):
        post(network.urls[0])


def test_garbage_is_no_json_with_status_200(network: RunningNetwork):
    network.set_faults(0, {"garbage": True})
    response = post(network.urls[0])

    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_huge_announces_a_gigabyte_and_goes_on_sending(network: RunningNetwork):
    network.set_faults(0, {"huge": True})
    read = 0

    with httpx.stream("POST", network.urls[0], json={"method": "info_get_peers"}) as response:
        for piece in response.iter_raw():
            read += len(piece)
            if read > 3_000_000:
                break

    assert int(response.headers["content-length"]) == 1 << 30
    assert read > 3_000_000


def test_a_slow_body_arrives_whole(network: RunningNetwork, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("crawler.sandbox.http._SLOW_PAUSE_S", 0.01)
    honest = post(network.urls[0]).content

    network.set_faults(0, {"slow_body": True})

    assert post(network.urls[0]).content == honest


def test_delays_do_not_change_answers(network: RunningNetwork):
    honest = post(network.urls[0]).content

    network.set_faults(0, {"latency_ms": 20, "delay_qps": 100})

    assert post(network.urls[0]).content == honest


def test_latency_comes_before_the_answer():
    assert node(Chain(SMALL), latency_ms=250).delay_s() == 0.25


def test_rate_limit_refuses_calls_beyond_it_with_429(network: RunningNetwork):
    network.set_faults(0, {"rate_limit": 1})

    codes = [post(network.urls[0]).status_code for _ in range(8)]

    assert codes[0] == 200
    assert 429 in codes


def test_a_pace_puts_calls_off_to_later_seconds():
    pace = Pace(2)

    assert [pace.wait_s(10.0) for _ in range(5)] == [0, 0, 1, 1, 2]
    assert pace.wait_s(13.5) == 0
    assert [Pace(0).wait_s(1.0) for _ in range(3)] == [0, 0, 0]


def test_a_refused_call_takes_no_later_place():
    pace = Pace(2)

    assert [pace.has_room(10.0) for _ in range(5)] == [True, True, False, False, False]
    assert pace.has_room(11.1)
    assert Pace(0).has_room(1.0)


def test_error_rate_fails_the_same_calls_every_time():
    chain = Chain(SMALL)

    def failures() -> list[bool]:
        asked = node(chain, error_rate=0.3)
        return [b"-32603" in asked.answer(b'{"method":"info_get_peers"}') for _ in range(100)]

    assert failures() == failures()
    assert 15 < sum(failures()) < 45


def test_a_node_behind_has_an_old_head_and_a_pruned_one_no_old_blocks():
    asked = node(grown(SMALL, 60), behind=20, low=10)
    status = result(asked, "info_get_status")

    assert status["last_added_block_info"]["height"] == 40
    assert status["available_block_range"] == {"low": 10, "high": 40}
    assert error(asked, "chain_get_block", at(41))["code"] == -32001
    assert error(asked, "chain_get_block", at(9))["code"] == -32001
    assert result(asked, "chain_get_block", at(10))


def test_null_blocks_are_null_in_each_dialect():
    chain = grown(SMALL, 3)

    sidecar = result(node(chain, null_block=True), "chain_get_block")
    old = result(node(chain, null_block=True, dialect="node-1x"), "chain_get_block")

    assert sidecar["block_with_signatures"] is None
    assert old["block"] is None


def test_missing_results_leave_the_transaction_known():
    chain = grown(SMALL, 60)
    deploy = next(each for block in chain.blocks[:30] for each in block.transactions)
    digest = deploy.hash.hex()

    sidecar = result(node(chain, missing_results=True), "info_get_deploy", [digest])
    old = result(node(chain, missing_results=True, dialect="node-1x"), "info_get_deploy", [digest])

    assert sidecar["execution_info"]["execution_result"] is None
    assert old["execution_results"] == []


@pytest.mark.parametrize("height", [20, 55])
def test_a_lie_about_the_hash_or_the_body_can_be_found_out(height: int):
    chain = grown(SMALL, 60)
    honest = recorded.block_of(result(node(chain), "chain_get_block", at(height)))

    hash_lie = recorded.block_of(result(node(chain, lie="hash"), "chain_get_block", at(height)))
    body_lie = recorded.block_of(result(node(chain, lie="body"), "chain_get_block", at(height)))

    assert hash_lie["hash"] != honest["hash"]
    assert hash_lie["header"] == honest["header"]
    assert body_lie["hash"] == honest["hash"]
    assert body_lie["body"] != honest["body"]


def test_a_fork_is_consistent_and_keeps_pace_with_the_chain():
    chain = grown(SMALL, 60)
    asked = node(chain, lie="fork", fork_from=50)
    blocks = [
        recorded.block_of(result(asked, "chain_get_block", at(height))) for height in range(45, 61)
    ]

    hashes = [encoding.block_hash(recorded.header(block)).hex() for block in blocks]
    chain.advance(4)

    assert hashes == [block["hash"] for block in blocks]
    assert hashes[:-1] == [block["header"]["parent_hash"] for block in blocks[1:]]
    assert [
        digest == chain.blocks[45 + place].hash.hex() for place, digest in enumerate(hashes)
    ] == [True] * 5 + [False] * 11
    assert recorded.block_of(result(asked, "chain_get_block"))["header"]["height"] == 64


def test_a_node_of_another_network_says_so_and_has_other_blocks():
    chain = grown(SMALL, 10)
    asked = node(chain, other_chain=True)

    assert result(asked, "info_get_status")["chainspec_name"] == "casper-sandbox-other"
    other = recorded.block_of(result(asked, "chain_get_block", at(0)))
    assert other["hash"] != chain.blocks[0].hash.hex()


def test_control_takes_orders_over_http(network: RunningNetwork):
    control = network.urls[1].replace("/rpc", "/control")

    advanced = httpx.post(control, json={"advance": 2})
    switched = httpx.post(control, json={"node": 1, "faults": {"behind": 5}})

    assert advanced.json()["height"] == 62
    assert switched.json()["faults"][1]["behind"] == 5
    assert [height_of(post(url)) for url in network.urls] == [62, 57]


@pytest.mark.parametrize(
    "order",
    [
        {"advance": 0},
        {"advance": "two"},
        {"node": 9, "faults": {}},
        {"node": 0, "faults": {"latency": 5}},
        {"node": 0, "faults": {"error_rate": 2}},
        {"faults": {}, "advance": 1},
        [],
        {},
    ],
)
def test_control_refuses_what_is_no_order(network: RunningNetwork, order: Any):
    response = httpx.post(network.urls[0].replace("/rpc", "/control"), json=order)

    assert response.status_code == 400
    assert response.json()["error"]
    assert height_of(post(network.urls[0])) == 60


def test_other_paths_and_methods_are_refused(network: RunningNetwork):
    url = network.urls[0]

    assert httpx.get(url).status_code == 405
    assert httpx.get(url.replace("/rpc", "/")).status_code == 404


def test_what_is_no_http_ends_the_connection(network: RunningNetwork):
    port = int(network.urls[0].split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"hello\r\n\r\n")
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_caller_that_wants_the_connection_closed_has_it_closed(network: RunningNetwork):
    port = int(network.urls[0].split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /control HTTP/1.1\r\nconnection: close\r\n\r\n")
        answer = connection.makefile("rb").read()

    assert b'"height":60' in answer


def test_one_connection_serves_many_calls(network: RunningNetwork):
    with httpx.Client() as client:
        for height in range(20):
            call = {"jsonrpc": "2.0", "id": 1, "method": "chain_get_block", "params": at(height)}
            assert height_of(client.post(network.urls[0], json=call)) == height


def test_faults_are_written_in_short_or_as_json():
    short = parse_switches("0:behind=20,0:cut,*:lie=hash")
    written = parse_switches(
        '[{"node":0,"faults":{"behind":20,"cut":true}},{"faults":{"lie":"hash"}}]'
    )

    assert short == written
    assert short[0].faults == Faults(behind=20, cut=True)
    assert parse_switches('{"faults":{}}')[0].node is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("behind=20", "node:fault=value"),
        ("x:cut", "node:fault=value"),
        ("0:slow=1", "unknown field `slow`"),
        ("0:behind=-1", "behind"),
        ("{", "no JSON"),
    ],
)
def test_wrong_faults_are_named(text: str, reason: str):
    with pytest.raises(ValueError, match=reason):
        parse_switches(text)


def test_no_fault_is_on_by_default():
    assert parse_faults({}) == Faults()


def test_running_ends_with_its_threads_and_ports_gone():
    with running(Chain(SMALL)) as served:
        url = served.urls[0]
        assert post(url).status_code == 200

    with pytest.raises(httpx.ConnectError):
        post(url)
