import json
from collections.abc import Iterator

import httpx
import pytest

from crawler.sandbox.running import RunningNetwork, running

from . import recorded
from .calls import SMALL, grown


@pytest.fixture
def network() -> Iterator[RunningNetwork]:
    with running(grown(SMALL, 60), nodes=2) as served:
        yield served


def read(lines: Iterator[str], count: int) -> list[tuple[dict, int | None]]:
    """The next events with their ids."""
    events: list[tuple[dict, int | None]] = []
    data, event_id = None, None
    for line in lines:
        if line.startswith("data:"):
            data = json.loads(line[5:])
        elif line.startswith("id:"):
            event_id = int(line[3:])
        elif not line and data is not None:
            events.append((data, event_id))
            data, event_id = None, None
            if len(events) == count:
                break
    return events


def test_a_listener_is_greeted_and_then_hears_of_every_new_block(network: RunningNetwork):
    with httpx.stream("GET", network.event_urls[0], timeout=10) as response:
        lines = response.iter_lines()
        greeting = read(lines, 1)
        network.advance(2)
        events = read(lines, 2)

    assert response.headers["content-type"] == "text/event-stream"
    assert greeting == [({"ApiVersion": "2.0.0"}, None)]
    blocks = [recorded.block_of(event) for event, _ in events]
    assert [block["header"]["height"] for block in blocks] == [61, 62]
    assert [event["BlockAdded"]["block_hash"] for event, _ in events] == [
        network.chain.blocks[height].hash.hex() for height in (61, 62)
    ]


def test_start_from_repeats_the_events_from_that_id(network: RunningNetwork):
    url = f"{network.event_urls[0]}?start_from=58"
    with httpx.stream("GET", url, timeout=10) as response:
        events = read(response.iter_lines(), 5)[1:]

    assert [event_id for _, event_id in events] == [58, 59, 60, 61]
    heights = [recorded.block_of(event)["header"]["height"] for event, _ in events]
    assert heights == [57, 58, 59, 60]


def test_ids_are_the_same_on_every_node(network: RunningNetwork):
    seen = []
    for url in network.event_urls:
        with httpx.stream("GET", f"{url}?start_from=60", timeout=10) as response:
            seen.append(read(response.iter_lines(), 3)[1:])

    assert seen[0] == seen[1]


def test_a_1_x_node_sends_blocks_bare(network: RunningNetwork):
    network.set_faults(0, {"dialect": "node-1x"})
    url = f"{network.event_urls[0]}?start_from=5"
    with httpx.stream("GET", url, timeout=10) as response:
        greeting, (event, _) = read(response.iter_lines(), 2)

    assert greeting == ({"ApiVersion": "1.5.6"}, None)
    assert event["BlockAdded"]["block"]["hash"] == event["BlockAdded"]["block_hash"]


def test_a_node_behind_tells_of_a_block_when_its_own_head_reaches_it(network: RunningNetwork):
    network.set_faults(0, {"behind": 2})
    with httpx.stream("GET", network.event_urls[0], timeout=10) as response:
        lines = response.iter_lines()
        read(lines, 1)
        network.advance(3)
        ((event, _),) = read(lines, 1)

    assert recorded.block_of(event)["header"]["height"] == 61
