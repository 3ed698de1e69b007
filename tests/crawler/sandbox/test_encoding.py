from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sandbox import encoding

from . import recorded

EDITED_HEADERS = {
    "v1-mainnet-1.3.2-h239119-switch-EDITED.json",
    "v1-mainnet-1.3.2-h239119-wrapped-as-Version1.json",
    "v1-unknown-1.4.12-h1502100.json",
}
EDITED_BODIES = {
    "v1-testnet-1.4.10-h1412462-switch-EDITED-with-deploys.json",
    "v2-devnet-2.0.0-h441-switch-EDITED-lanes-0-5.json",
    "v2-schema-example-h10.json",
}
STREAMS = [
    "sse/v1-local-1.0.0-h0-1.stream.txt",
    "sse/v1-testnet-1.4.7-h1021137-39.stream.txt",
    "sse/v2-local-2.0.0-h0-155.stream.txt",
    "sse/v2-local-2.0.0-h3981-4140-with-deploy.stream.txt",
]


@recorded.needs_answers
@pytest.mark.parametrize("name", recorded.names("chain_get_block/**/*.json"))
def test_recorded_blocks_hash_to_their_hash_unless_they_were_edited(name: str):
    block = recorded.block_of(recorded.result(name))
    file = name.rsplit("/", 1)[-1]

    header_fits = encoding.block_hash(recorded.header(block)).hex() == block["hash"].lower()
    body_fits = _body_hash(block).hex() == block["header"]["body_hash"].lower()

    assert header_fits == (file not in EDITED_HEADERS)
    assert body_fits == (file not in EDITED_BODIES)


@recorded.needs_answers
@pytest.mark.parametrize("name", STREAMS)
def test_recorded_streams_hash_and_link(name: str):
    blocks = recorded.stream_blocks(name)

    hashes = [encoding.block_hash(recorded.header(block)).hex() for block in blocks]

    assert hashes == [block["hash"] for block in blocks]
    assert [block["header"]["parent_hash"] for block in blocks[1:]] == hashes[:-1]


@given(st.integers(0, 2**512 - 1))
def test_u512_is_a_length_and_the_shortest_little_endian_form(value: int):
    encoded = encoding.u512(value)

    assert encoded[0] == len(encoded) - 1
    assert int.from_bytes(encoded[1:], "little") == value
    assert not encoded[1:] or encoded[-1] != 0


def _body_hash(block: dict[str, Any]) -> bytes:
    body = block["body"]
    if "transactions" in body:
        signatures = [bytes(each) for each in body["rewarded_signatures"]]
        return encoding.body_hash_v2(recorded.lanes(block), signatures)
    return encoding.body_hash_v1(
        body["proposer"],
        [bytes.fromhex(each) for each in body["deploy_hashes"]],
        [bytes.fromhex(each) for each in body["transfer_hashes"]],
    )
