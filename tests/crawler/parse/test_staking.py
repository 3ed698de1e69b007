"""A staking operation counts however it was sent."""

import pytest

from crawler.parse.errors import ParseError
from crawler.parse.records import StakingOperation
from crawler.parse.transactions import parse_transaction
from tests.crawler.parse.builders import (
    ALICE,
    AUCTION,
    BOB,
    CAROL,
    cl_amount,
    cl_key,
    deploy_answer,
    digest,
    staking_arguments,
    to_json,
    transaction_answer,
)

BID = {**cl_amount(0), "cl_type": "U8", "bytes": "0a", "parsed": 10}
DELEGATION = staking_arguments(delegator=ALICE, validator=BOB, amount=7)
KINDS = ["add_bid", "withdraw_bid", "delegate", "undelegate", "redelegate"]


def staking(answer):
    return parse_transaction(to_json(answer), auction_contract=AUCTION).staking


A_BID = [{"key": "bid", "transform": {"WriteBid": {}}}]


def by_module_bytes(args, transforms=None):
    session = {"ModuleBytes": {"module_bytes": "00", "args": args}}
    return deploy_answer(session, transforms=transforms)


def by_hash(entry_point, args, contract=AUCTION):
    stored = {"hash": contract, "entry_point": entry_point, "args": args}
    return deploy_answer({"StoredContractByHash": stored})


def by_name(name, entry_point, args, transforms):
    stored = {"name": name, "entry_point": entry_point, "args": args}
    return deploy_answer({"StoredContractByName": stored}, transforms=transforms)


def failed(answer):
    result = answer["execution_results"][0]
    result["result"] = {"Failure": {"effect": {"transforms": []}, "error_message": "reverted"}}
    return answer


# As module bytes: told by the arguments' names.


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        ([*staking_arguments(public_key=ALICE, amount=7), ["delegation_rate", BID]], "add_bid"),
        (staking_arguments(public_key=ALICE, amount=7), "withdraw_bid"),
        (staking_arguments(public_key=ALICE, amount=7, unbond_purse=BOB), "withdraw_bid"),
        (DELEGATION, "delegate"),
        (staking_arguments(delegator_purse=ALICE, validator=BOB, amount=7), "delegate"),
        ([*DELEGATION, ["new_validator", cl_key(CAROL)]], "redelegate"),
    ],
)
def test_module_bytes_are_told_by_the_names_of_their_arguments(args, kind):
    assert staking(by_module_bytes(args, A_BID)) == StakingOperation(kind, 7)
    assert staking(failed(by_module_bytes(args))) == StakingOperation(kind, 7)


def test_module_bytes_that_succeed_without_touching_a_bid_are_no_staking():
    assert staking(by_module_bytes(DELEGATION)) is None
    assert staking(by_module_bytes(DELEGATION, [{"key": "a", "transform": "Identity"}])) is None


@pytest.mark.parametrize(
    "args",
    [
        [],
        staking_arguments(amount=7),
        staking_arguments(validator=BOB, amount=7),
        staking_arguments(public_key=ALICE, amount=7, recipient=BOB),
        staking_arguments(delegator=ALICE, validator=BOB),
    ],
)
def test_module_bytes_with_other_arguments_are_no_staking(args):
    assert staking(by_module_bytes(args)) is None


@pytest.mark.parametrize(
    "written",
    [
        {"WriteWithdraw": [{"amount": "999"}]},
        {"WriteUnbonding": [{"amount": "999"}]},
    ],
    ids=["up to 1.4", "from 1.5"],
)
def test_an_unbond_in_1x_effects_makes_it_an_undelegation_of_the_argument_s_amount(written):
    transforms = [{"key": "a", "transform": "Identity"}, {"key": "b", "transform": written}]

    assert staking(by_module_bytes(DELEGATION, transforms)) == StakingOperation("undelegate", 7)


@pytest.mark.parametrize(
    "written", [{"BidKind": {"Unbond": {}}}, {"BidKind": {"Unbonding": {}}}, {"Unbonding": []}]
)
def test_an_unbond_in_2x_effects_makes_it_an_undelegation(written):
    effects = [
        {"key": "a", "kind": "Identity"},
        {"key": "b", "kind": {"AddUInt512": "1"}},
        {"key": "c", "kind": {"Write": written}},
    ]
    session = {"Session": {"module_bytes": "00", "is_install_upgrade": False}}
    answer = transaction_answer(session, "Call", DELEGATION, effects=effects)

    assert staking(answer) == StakingOperation("undelegate", 7)


def test_a_bid_in_2x_effects_leaves_it_a_delegation():
    effects = [{"key": "a", "kind": {"Write": {"BidKind": {"Delegator": {}}}}}]
    answer = transaction_answer({"Session": {}}, "Call", DELEGATION, effects=effects)

    assert staking(answer) == StakingOperation("delegate", 7)


# As a call of the auction: told by the entry point.


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_of_the_auction_by_hash_is_told_by_its_entry_point(kind):
    assert staking(by_hash(kind, DELEGATION)) == StakingOperation(kind, 7)


def test_the_auctions_hash_may_come_in_mixed_case():
    assert staking(by_hash("delegate", DELEGATION, contract=AUCTION.upper())) is not None


def test_a_delegate_of_another_contract_is_no_staking():
    assert staking(by_hash("delegate", DELEGATION, contract=digest(5))) is None


def test_another_entry_point_of_the_auction_is_no_staking():
    assert staking(by_hash("activate_bid", DELEGATION)) is None


def test_a_versioned_call_is_no_staking_since_no_package_is_known():
    stored = {"hash": AUCTION, "version": None, "entry_point": "delegate", "args": DELEGATION}

    assert staking(deploy_answer({"StoredVersionedContractByHash": stored})) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_native_transaction_is_told_by_its_entry_point(kind):
    entry_point = kind.title().replace("_", "")

    answer = transaction_answer("Native", entry_point, DELEGATION)

    assert staking(answer) == StakingOperation(kind, 7)


@pytest.mark.parametrize("entry_point", ["Transfer", "ActivateBid", "AddReservations", "Burn"])
def test_other_native_transactions_are_no_staking(entry_point):
    assert staking(transaction_answer("Native", entry_point, DELEGATION)) is None


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ({"ByHash": AUCTION}, StakingOperation("undelegate", 7)),
        ({"ByHash": digest(5)}, None),
        ({"ByPackageHash": {"addr": AUCTION, "version": None}}, None),
        ({"ByPackageName": {"name": "auction", "version": None}}, None),
        ({"ByName": "staking"}, None),
    ],
)
def test_a_stored_target_of_2x_must_be_the_auction(identity, expected):
    target = {"Stored": {"id": identity, "runtime": "VmCasperV1"}}

    assert staking(transaction_answer(target, {"Custom": "undelegate"}, DELEGATION)) == expected


# By name: an account may point a named key anywhere.

WROTE_BID = [{"key": "bid-11", "transform": {"WriteBid": {}}}]


def test_a_call_by_name_counts_when_it_reached_the_auction():
    answer = by_name("auction", "delegate", DELEGATION, WROTE_BID)

    assert staking(answer) == StakingOperation("delegate", 7)


def test_a_call_by_name_that_wrote_no_bid_went_elsewhere():
    assert staking(by_name("auction", "delegate", DELEGATION, [])) is None


def test_a_call_by_another_name_is_no_staking():
    assert staking(by_name("faucet", "delegate", DELEGATION, WROTE_BID)) is None


def test_a_2x_call_by_name_counts_when_it_reached_the_auction():
    effects = [{"key": "bid-addr-01", "kind": {"Write": {"BidKind": {"Unbond": {}}}}}]
    target = {"Stored": {"id": {"ByName": "auction"}}}
    answer = transaction_answer(target, {"Custom": "undelegate"}, DELEGATION, effects=effects)

    assert staking(answer) == StakingOperation("undelegate", 7)


# Whatever is sent, parsing goes on.


@pytest.mark.parametrize(
    "answer",
    [by_hash("delegate", DELEGATION), by_name("auction", "delegate", DELEGATION, [])],
    ids=["by hash", "by name"],
)
def test_a_failed_operation_is_told_by_its_form(answer):
    assert staking(failed(answer)) == StakingOperation("delegate", 7)


@pytest.mark.parametrize(
    "amount", [{"cl_type": "String", "bytes": "00"}, {**cl_amount(7), "bytes": "ff"}]
)
def test_an_amount_that_is_none_is_no_staking_unless_the_auction_took_it(amount):
    args = [*staking_arguments(delegator=ALICE, validator=BOB), ["amount", amount]]

    assert staking(by_module_bytes(args)) is None
    assert staking(failed(by_hash("delegate", args))) is None
    with pytest.raises(ParseError, match="expected the amount of a successful delegate"):
        staking(by_hash("delegate", args))


def test_of_two_arguments_of_one_name_the_first_counts():
    args = [*DELEGATION, ["amount", cl_amount(8)]]

    assert staking(by_hash("delegate", args)) == StakingOperation("delegate", 7)
