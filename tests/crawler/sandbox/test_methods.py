from typing import Any

import pytest

from crawler.sandbox import network
from crawler.sandbox.answers.state import REGISTRY_KEY
from crawler.sandbox.chain import Chain
from crawler.sandbox.methods import METHODS

from .calls import SMALL, ask, at, error, grown, node, result

SUPPLY = network.TOTAL_SUPPLY_UREF


@pytest.fixture(scope="module")
def chain() -> Chain:
    return grown(SMALL, 120)


def test_a_block_is_found_by_height_by_hash_by_position_and_as_the_tip(chain: Chain):
    asked = node(chain)
    tip = result(asked, "chain_get_block")

    by_hash = {"block_identifier": {"Hash": chain.head.hash.hex()}}

    assert tip == result(asked, "chain_get_block", at(120))
    assert tip == result(asked, "chain_get_block", by_hash)
    assert tip == result(asked, "chain_get_block", [{"Height": 120}])
    assert tip["block_with_signatures"]["block"]["Version2"]["header"]["height"] == 120


def test_a_sidecar_wraps_old_blocks_and_a_1_x_node_does_not(chain: Chain):
    wrapped = result(node(chain), "chain_get_block", at(3))["block_with_signatures"]
    bare = result(node(chain, dialect="node-1x"), "chain_get_block", at(3))["block"]

    assert bare == {**wrapped["block"]["Version1"], "proofs": wrapped["proofs"]}


def test_a_1_x_node_ends_at_the_upgrade_and_knows_no_2_x_method(chain: Chain):
    asked = node(chain, dialect="node-1x")
    last = chain.switch_block(SMALL.upgrade_era - 1).height

    status = result(asked, "info_get_status")

    assert status["available_block_range"] == {"low": 0, "high": last}
    assert status["last_added_block_info"]["height"] == last
    assert "protocol_version" not in status
    assert error(asked, "chain_get_block", at(last + 1))["code"] == -32001
    assert error(asked, "info_get_transaction", [{"Deploy": "00" * 32}])["code"] == -32601


def test_total_supply_is_the_same_by_every_kind_of_state_identifier(chain: Chain):
    asked = node(chain)
    block = chain.blocks[77]
    expected = str(block.total_supply)
    identifiers = [
        {"BlockHash": block.hash.hex()},
        {"BlockHeight": 77},
        {"StateRootHash": block.header.state_root_hash.hex()},
    ]

    for identifier in identifiers:
        params = {"state_identifier": identifier, "key": SUPPLY, "path": []}
        answer = result(asked, "query_global_state", params)
        assert answer["stored_value"]["CLValue"]["parsed"] == expected
        assert (answer["block_header"] is None) == ("StateRootHash" in identifier)
    params = {"state_root_hash": block.header.state_root_hash.hex(), "key": SUPPLY}
    assert result(asked, "state_get_item", params)["stored_value"]["CLValue"]["parsed"] == expected


def test_the_registry_names_the_auction_contract_of_the_network_file(chain: Chain):
    params = {"state_identifier": {"BlockHeight": 9}, "key": REGISTRY_KEY, "path": []}

    parsed = result(node(chain), "query_global_state", params)["stored_value"]["CLValue"]["parsed"]

    assert {"key": "auction", "value": network.AUCTION_CONTRACT} in parsed


def test_a_balance_is_that_after_the_block(chain: Chain):
    asked = node(chain)
    validator = network.VALIDATORS[0]
    identifiers: list[dict[str, Any]] = [
        {"main_purse_under_public_key": validator.public_key},
        {"main_purse_under_account_hash": f"account-hash-{validator.account_hash}"},
        {"purse_uref": f"uref-{validator.purse}-007"},
    ]

    for identifier in identifiers:
        for height in (0, 60, 120):
            params = {"state_identifier": {"BlockHeight": height}, "purse_identifier": identifier}
            balance = result(asked, "query_balance", params)["balance"]
            assert int(balance) == chain.ledger.balances.at(validator.purse, height)


def test_a_balance_is_also_found_the_old_way_over_the_accounts_main_purse(chain: Chain):
    asked = node(chain, dialect="node-1x")
    user = network.USERS[0]
    root = chain.blocks[30].header.state_root_hash.hex()
    account = result(asked, "state_get_item", [root, f"account-hash-{user.account_hash}", []])

    purse = account["stored_value"]["Account"]["main_purse"]
    balance = result(asked, "state_get_balance", [root, purse])["balance_value"]

    height = chain.first_height_of_root[bytes.fromhex(root)]
    assert int(balance) == chain.ledger.balances.at(user.purse, height)
    nobody = f"uref-{'00' * 32}-007"
    assert error(asked, "state_get_balance", [root, nobody])["code"] == -32003


def test_the_mint_contract_names_the_total_supply(chain: Chain):
    params = [{"BlockHash": chain.head.hash.hex()}, f"hash-{network.MINT_CONTRACT}", []]

    contract = result(node(chain), "query_global_state", params)["stored_value"]["Contract"]

    assert contract["named_keys"] == [{"name": "total_supply", "key": SUPPLY}]


def test_a_purse_is_there_from_its_first_mote_on(chain: Chain):
    asked = node(chain)
    vault = next(
        each
        for block in chain.blocks
        for _, each in block.transfers()
        if each.to_account_hash is None
    ).target
    key = f"uref-{vault}-007"

    absent = error(asked, "query_global_state", [{"BlockHeight": 0}, key, []])
    there = result(asked, "query_global_state", [{"BlockHeight": 120}, key, []])

    assert absent["code"] == -32003
    assert there["stored_value"]["CLValue"]["cl_type"] == "Unit"


def test_a_deploy_and_a_transaction_are_asked_for_by_their_kind(chain: Chain):
    asked = node(chain)
    everything = [each for block in chain.blocks for each in block.transactions]
    deploy = next(each.hash.hex() for each in everything if each.is_deploy)
    transaction = next(each.hash.hex() for each in everything if not each.is_deploy)

    assert result(asked, "info_get_deploy", [deploy])["deploy"]["hash"] == deploy
    answer = result(asked, "info_get_transaction", [{"Deploy": deploy}])
    assert answer["transaction"]["Deploy"]["hash"] == deploy
    answer = result(asked, "info_get_transaction", [{"Version1": transaction}])
    assert answer["transaction"]["Version1"]["hash"] == transaction
    assert error(asked, "info_get_deploy", [transaction])["code"] == -32015
    assert error(asked, "info_get_transaction", [{"Version1": deploy}])["code"] == -32015


def test_auction_information_adds_up_to_the_stakes_in_both_forms(chain: Chain):
    asked = node(chain)
    nested = result(asked, "state_get_auction_info", at(90))["auction_state"]
    flat = result(asked, "state_get_auction_info_v2", at(90))["auction_state"]

    bids = [bid["bid"] for bid in nested["bids"]]
    staked = sum(int(bid["staked_amount"]) for bid in bids)
    delegated = sum(int(each["staked_amount"]) for bid in bids for each in bid["delegators"])
    flat_bids = [next(iter(bid["bid"].items())) for bid in flat["bids"]]
    in_flat = sum(int(bid["staked_amount"]) for kind, bid in flat_bids if "staked_amount" in bid)
    unbonding = sum(
        int(era["amount"]) for kind, bid in flat_bids if kind == "Unbond" for era in bid["eras"]
    )

    expected = sum(amount for _, amount in chain.auction.stakes.items_at(90))
    assert staked + delegated == in_flat == expected
    assert unbonding == sum(each.amount for each in chain.auction.pending_at(90)) > 0


def test_only_switch_blocks_have_an_era_info(chain: Chain):
    switch = chain.switch_block(3).height
    asked = node(chain)
    method = "chain_get_era_info_by_switch_block"

    assert result(asked, method, at(switch))["era_summary"]["era_id"] == 3
    assert result(asked, method, at(switch - 1))["era_summary"] is None
    assert result(asked, "chain_get_era_summary", at(switch + 1))["era_summary"]["era_id"] == 3


def test_after_an_upgrade_the_era_info_is_still_that_of_the_era_before(chain: Chain):
    asked = node(chain)
    method = "chain_get_era_info_by_switch_block"
    upgrade = chain.switch_block(SMALL.upgrade_era + 4)
    before = chain.switch_block(SMALL.upgrade_era + 3)

    stale, fresh = (
        result(asked, method, at(block.height))["era_summary"] for block in (upgrade, before)
    )

    assert stale["block_hash"] == upgrade.hash.hex()
    assert stale["stored_value"] == fresh["stored_value"] != {"EraInfo": {}}


def test_status_names_the_head_and_announces_the_next_upgrade(chain: Chain):
    before = grown(SMALL, chain.switch_block(SMALL.upgrade_era - 1).height)

    status = result(node(before), "info_get_status")

    assert status["chainspec_name"] == network.NAME
    assert status["last_added_block_info"]["hash"] == before.head.hash.hex()
    assert status["latest_switch_block_hash"] == before.head.hash.hex()
    assert status["next_upgrade"] == {"activation_point": 8, "protocol_version": "2.0.0"}


def test_hex_is_mixed_case_in_answers_about_1_4_3_blocks_only(chain: Chain):
    asked = node(chain)

    for block in chain.blocks:
        answer = ask(asked, "chain_get_block", at(block.height))["result"]
        shown = next(iter(answer["block_with_signatures"]["block"].values()))["hash"]
        assert shown.lower() == block.hash.hex()
        assert (shown != shown.lower()) == (block.header.protocol_version == "1.4.3")


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("chain_get_blocks", None, -32601),
        ("chain_get_block", {"block_identifier": {"Height": 121}}, -32001),
        ("chain_get_block", {"block_identifier": {"Hash": "00" * 32}}, -32001),
        ("chain_get_block", {"block_identifier": {"Hash": "00"}}, -32602),
        ("chain_get_block", {"block_identifier": 5}, -32602),
        ("chain_get_block", [1, 2, 3], -32602),
        ("chain_get_block", "tip", -32602),
        ("info_get_deploy", ["00" * 32], -32000),
        ("info_get_transaction", [{"Deploy": "00" * 32}], -32014),
        ("info_get_transaction", ["00" * 32], -32602),
        ("query_global_state", [{"BlockHeight": 1}, "supply", []], -32002),
        ("query_global_state", [{"BlockHeight": 1}, "uref-" + "00" * 32 + "-007", []], -32003),
        ("query_global_state", [{"BlockHeight": 999}, SUPPLY, []], -32001),
        ("query_global_state", [{"StateRootHash": "00" * 32}, SUPPLY, []], -32012),
        ("query_global_state", [{"BlockHash": "00" * 32}, SUPPLY, []], -32001),
        ("query_global_state", [{"Block": 1}, SUPPLY, []], -32602),
        ("query_global_state", [{"BlockHeight": 1}, "account-hash-" + "00" * 32, []], -32003),
        ("query_global_state", [{"BlockHeight": 1}, SUPPLY, ["deeper"]], -32003),
        ("info_get_deploy", [None], -32602),
        ("state_get_item", ["00" * 32, SUPPLY, []], -32012),
        ("query_balance", [None, {"purse_uref": "uref-" + "00" * 32 + "-007"}], -32026),
        ("query_balance", [None, {"main_purse_under_public_key": "01" + "00" * 32}], -32026),
        ("query_balance", [None, {}], -32602),
    ],
)
def test_what_cannot_be_answered_has_the_nodes_error_code(
    chain: Chain, method: str, params: Any, code: int
):
    assert error(node(chain), method, params)["code"] == code


def test_a_missing_block_comes_with_the_range_that_is_there(chain: Chain):
    data = error(node(chain, low=30, behind=10), "chain_get_block", at(29))["data"]

    assert data["available_block_range"] == {"low": 30, "high": 110}


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", -32700), (b"{", -32700), (b"[]", -32600), (b"{}", -32600), (b'{"method":1}', -32600)],
)
def test_what_is_no_call_is_told_so(chain: Chain, body: bytes, code: int):
    assert f'"code":{code}'.encode() in node(chain).answer(body)


def test_the_answer_carries_the_id_of_the_call(chain: Chain):
    assert ask(node(chain), "info_get_peers")["id"] == 7


def test_every_method_answers_at_genesis_and_at_the_head():
    chain = Chain(SMALL)
    for asked in (node(chain), node(chain, dialect="node-1x")):
        for method, known in METHODS.items():
            if not known.names or known.names == ("block_identifier",):
                assert ask(asked, method)


def test_equal_chains_give_the_same_bytes_for_every_call():
    one, other = node(grown(SMALL, 60)), node(grown(SMALL, 60))

    for method, known in METHODS.items():
        if not known.names or known.names == ("block_identifier",):
            for height in range(61):
                params = f'[{{"Height":{height}}}]' if known.names else "[]"
                call = f'{{"method":"{method}","params":{params}}}'.encode()
                assert one.answer(call) == other.answer(call)
