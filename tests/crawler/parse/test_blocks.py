from datetime import UTC, datetime

import pytest

from crawler.parse.blocks import parse_block, parse_block_added
from crawler.parse.errors import HashMismatch, ParseError
from crawler.parse.records import TransactionHash
from tests.crawler.parse.builders import (
    ALICE,
    BOB,
    block_v1,
    block_v2,
    digest,
    era_end_v1,
    era_end_v2,
    sealed,
    sidecar_result,
    to_json,
    v1_result,
)


def test_a_1x_block_is_recorded_with_its_deploys_and_transfers_apart():
    record = parse_block(v1_result(block_v1()))

    assert record.height == 7
    assert record.era_id == 3
    assert record.parent_hash == digest(10)
    assert record.state_root_hash == digest(11)
    assert record.timestamp == datetime(2024, 5, 16, 9, 23, 10, 718_000, tzinfo=UTC)
    assert record.proposer == ALICE
    assert record.protocol_version == "1.5.6"
    assert record.mint_lane == (TransactionHash("Deploy", digest(2)),)
    assert record.other_lanes == (TransactionHash("Deploy", digest(1)),)
    assert not record.switch


def test_a_2x_block_keeps_its_mint_lane_apart_from_every_other():
    record = parse_block(sidecar_result(block_v2()))

    assert record.proposer == BOB
    assert record.mint_lane == (
        TransactionHash("Deploy", digest(1)),
        TransactionHash("Version1", digest(2)),
    )
    assert record.other_lanes == (TransactionHash("Version1", digest(3)),)


def test_a_1x_block_reads_the_same_behind_a_sidecar():
    block = block_v1(era_end=era_end_v1())

    assert parse_block(sidecar_result(block)) == parse_block(v1_result(block))


def test_a_1x_switch_block_has_weights_but_no_rewards_in_motes():
    record = parse_block(v1_result(block_v1(era_end=era_end_v1())))

    assert record.switch
    assert record.era_end.next_era_weights == {BOB: 300, ALICE: 10**19}
    assert record.era_end.rewards is None


def test_a_2x_switch_block_has_rewards_for_each_paid_era():
    record = parse_block(sidecar_result(block_v2(era_end=era_end_v2())))

    assert record.era_end.next_era_weights == {BOB: 300, ALICE: 10**19}
    assert record.era_end.rewards == {BOB: (5, 0), ALICE: (10**38 - 1,)}


def test_the_single_reward_of_a_release_candidate_is_read_too():
    record = parse_block(sidecar_result(block_v2(era_end={**era_end_v2(), "rewards": {BOB: "5"}})))

    assert record.era_end.rewards == {BOB: (5,)}


def test_a_genesis_block_has_no_switch_block_before_it():
    block = block_v2(0)
    block["header"]["last_switch_block_hash"] = None
    block["header"]["proposer"] = "00"

    assert parse_block(sidecar_result(sealed(block))).proposer == "00"


def test_mixed_case_hex_is_hashed_as_bytes_and_recorded_in_lower_case():
    block = block_v1(era_end=era_end_v1())
    expected = parse_block(v1_result(block))
    upper = to_json({"block": block}).replace(ALICE.encode(), ALICE.upper().encode())
    upper = upper.replace(block["hash"].encode(), block["hash"].upper().encode())

    assert parse_block(upper) == expected


@pytest.mark.parametrize(
    "result", [{}, {"block": None}, {"block_with_signatures": None, "api_version": "2.0.0"}]
)
def test_a_node_that_lacks_the_block_gives_none(result):
    assert parse_block(to_json(result)) is None


def test_a_changed_header_is_a_mismatch_that_names_the_height():
    block = block_v1(height=7)
    claimed = block["hash"]
    block["header"]["state_root_hash"] = digest(99)

    with pytest.raises(HashMismatch, match=f"block 7 claims header hash {claimed}") as caught:
        parse_block(v1_result(block))

    assert (caught.value.height, caught.value.part) == (7, "header")
    assert caught.value.claimed == claimed
    assert caught.value.computed == sealed(block)["hash"]


def test_a_changed_body_is_a_mismatch_too():
    block = block_v2()
    block["body"]["transactions"]["0"].pop()

    with pytest.raises(HashMismatch, match="block 8 claims body hash"):
        parse_block(sidecar_result(block))


def test_a_field_of_the_wrong_type_is_named_by_its_path():
    block = block_v1()
    block["header"]["height"] = "7"

    with pytest.raises(ParseError, match=r"chain_get_block: .* at \$\.block\.header\.height$"):
        parse_block(v1_result(block))


def test_a_key_of_the_wrong_type_is_named_by_its_map():
    block = block_v2()
    block["body"]["transactions"]["mint"] = []

    with pytest.raises(ParseError, match=r"at key in \$\.block_with_signatures\..*transactions$"):
        parse_block(sidecar_result(block))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("height", 2**63),
        ("height", -1),
        ("timestamp", "2024-05-16T09:23:10.718"),
        ("timestamp", "2024-05-16T11:23:10.718+02:00"),
        ("timestamp", "1969-12-31T23:59:59.999Z"),
        ("protocol_version", "1.5"),
        ("protocol_version", "01.5.6"),
        ("parent_hash", "ab" * 31),
        ("parent_hash", "ab" * 32 + "\n"),
    ],
)
def test_a_value_out_of_bounds_is_refused(field, value):
    block = block_v1()
    block["header"][field] = value

    with pytest.raises(ParseError):
        parse_block(v1_result(block))


def test_a_reward_factor_beyond_64_bits_is_refused():
    block = block_v1(era_end=era_end_v1())
    block["header"]["era_end"]["era_report"]["rewards"][0]["amount"] = 2**64

    with pytest.raises(ParseError, match="expected a u64"):
        parse_block(v1_result(block))


def test_a_weight_that_no_network_can_have_is_refused():
    block = block_v1(era_end=era_end_v1())
    block["header"]["era_end"]["next_era_validator_weights"][0]["weight"] = str(10**38)

    with pytest.raises(ParseError, match="expected an amount below"):
        parse_block(v1_result(block))


def test_a_versioned_block_is_of_one_version():
    signed = {"block": {"Version1": block_v1(), "Version2": block_v2()}}

    with pytest.raises(ParseError, match="expected one of Version1, Version2"):
        parse_block(to_json({"block_with_signatures": signed}))


@pytest.mark.parametrize("block", [block_v1(), block_v2()], ids=["1.x", "2.x"])
def test_an_announced_block_is_verified_as_a_fetched_one(block):
    announced = block if "proposer" in block["body"] else {"Version2": block}
    event = {"BlockAdded": {"block_hash": block["hash"].upper(), "block": announced}}

    assert parse_block_added(to_json(event)) == parse_block(sidecar_result(block))


def test_a_block_announced_under_another_hash_is_refused():
    event = {"BlockAdded": {"block_hash": digest(1), "block": block_v1()}}

    with pytest.raises(ParseError, match=f"block 7 is announced as {digest(1)}"):
        parse_block_added(to_json(event))


def test_another_event_is_no_block():
    with pytest.raises(ParseError, match="BlockAdded: Object missing required field `BlockAdded`"):
        parse_block_added(b'{"ApiVersion":"2.0.0"}')
