from collections.abc import Iterator
from typing import Any

import pytest

from crawler.sandbox.block import Block, Transaction
from crawler.sandbox.chain import Chain
from crawler.sandbox.forms import Action
from crawler.sandbox.parameters import ChainParameters

from .calls import grown, node, result


@pytest.fixture(scope="module")
def chain() -> Chain:
    return grown(ChainParameters(), 1010)


def executed(chain: Chain, action: Action) -> Iterator[tuple[str, dict[str, Any], Transaction]]:
    """(protocol version, execution result, transaction) of successes of an action."""
    for block in chain.blocks:
        for each in block.transactions:
            form = each.request.form
            if form.action == action and form.is_staking and each.error is None:
                yield block.header.protocol_version, outcome(chain, block, each), each


def outcome(chain: Chain, block: Block, transaction: Transaction) -> dict[str, Any]:
    kind = "Deploy" if transaction.is_deploy else "Version1"
    answer = result(node(chain), "info_get_transaction", [{kind: transaction.hash.hex()}])
    assert answer["execution_info"]["block_hash"].lower() == block.hash.hex()
    return next(iter(answer["execution_info"]["execution_result"].values()))


def marks(execution: dict[str, Any]) -> set[str]:
    """What an execution's effects write about stake."""
    found = set()
    for each in execution.get("effects", []):
        if isinstance(each["kind"], dict) and "Write" in each["kind"]:
            ((kind, value),) = each["kind"]["Write"].items()
            found |= {f"{kind} {next(iter(value))}"} if kind == "BidKind" else {kind}
    for each in execution.get("Success", {}).get("effect", {}).get("transforms", []):
        if isinstance(each["transform"], dict):
            found |= each["transform"].keys()
    return found & {
        "WriteWithdraw", "WriteUnbonding", "WriteBid", "Unbonding",
        "BidKind Validator", "BidKind Delegator", "BidKind Unbond",
    }  # fmt: skip


UNDELEGATED = {
    "1.0.0": {"WriteWithdraw", "WriteBid"},
    "1.4.3": {"WriteWithdraw", "WriteBid"},
    "1.4.4": {"WriteWithdraw", "WriteBid"},
    "1.5.2": {"WriteUnbonding", "WriteBid"},
    "2.0.0": {"Unbonding"},
    "2.0.4": {"BidKind Unbond"},
    "2.2.0": {"BidKind Unbond"},
}


@pytest.mark.parametrize("action", ["undelegate", "withdraw_bid", "redelegate"])
def test_the_effects_of_unbonding_are_those_of_the_version(chain: Chain, action: Action):
    seen = {version: marks(execution) for version, execution, _ in executed(chain, action)}

    since = "1.5" if action == "redelegate" else "1.0"
    assert seen == {key: value for key, value in UNDELEGATED.items() if key >= since}


@pytest.mark.parametrize(("action", "bid"), [("delegate", "Delegator"), ("add_bid", "Validator")])
def test_bonding_writes_a_bid_and_unbonds_nothing(chain: Chain, action: Action, bid: str):
    for version, execution, _ in executed(chain, action):
        assert marks(execution) == ({"WriteBid"} if version < "2" else {f"BidKind {bid}"})


def test_a_redelegation_names_its_new_validator_in_the_unbond(chain: Chain):
    for version, execution, transaction in executed(chain, "redelegate"):
        if version == "2.2.0":
            (bid,) = (
                each["kind"]["Write"]["BidKind"]["Unbond"]
                for each in execution["effects"]
                if each["key"].startswith("bid-addr")
            )
            new_validators = {era["new_validator"] for era in bid["eras"]}
            assert transaction.request.new_validator.public_key in new_validators


def test_an_unbond_lists_everything_that_is_under_way_not_the_asked_amount_alone(chain: Chain):
    lists = [
        each["transform"]["WriteUnbonding"]
        for version, execution, _ in executed(chain, "undelegate")
        if version == "1.5.2"
        for each in execution["Success"]["effect"]["transforms"]
        if isinstance(each["transform"], dict) and "WriteUnbonding" in each["transform"]
    ]

    assert max(map(len, lists)) > 1
