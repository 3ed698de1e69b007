from datetime import UTC, datetime

import pytest

from crawler.parse.errors import ParseError
from crawler.parse.keys import account_hash
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
    to_json,
    transaction_answer,
)

NATIVE_TRANSFER = {"Transfer": {"args": [["amount", cl_amount(5)], ["target", cl_key(CAROL)]]}}


def parse(answer, **kwargs):
    return parse_transaction(to_json(answer), auction_contract=f"hash-{AUCTION}", **kwargs)


def test_a_deploy_is_recorded_with_its_sender_and_submission_time():
    record = parse(deploy_answer(NATIVE_TRANSFER))

    assert (record.hash, record.block_hash) == (digest(1), digest(20))
    assert record.initiator_public_key == ALICE
    assert record.initiator_account_hash == account_hash(ALICE)
    assert record.submitted_at == datetime(2023, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    assert record.success
    assert not record.burn
    assert record.staking is None


def test_a_submission_time_is_floored_to_milliseconds():
    answer = deploy_answer(NATIVE_TRANSFER)
    answer["deploy"]["header"]["timestamp"] = "2023-01-02T03:04:05.678999Z"

    assert parse(answer).submitted_at.microsecond == 678_000


def test_a_deploy_reads_the_same_in_every_layout():
    first = deploy_answer(NATIVE_TRANSFER)
    deploy, (result,) = first["deploy"], first["execution_results"]
    executed = {"Version1": result["result"]}
    info = {"block_hash": digest(20), "block_height": 7, "execution_result": executed}

    behind_sidecar = {"deploy": deploy, "execution_info": info}
    as_transaction = {"transaction": {"Deploy": deploy}, "execution_info": info}

    assert parse(first) == parse(behind_sidecar) == parse(as_transaction)


def test_a_transaction_is_recorded_with_its_initiator():
    record = parse(transaction_answer("Native", "Transfer", [["target", cl_key(CAROL)]]))

    assert (record.hash, record.block_hash) == (digest(2), digest(20))
    assert record.initiator_public_key == BOB
    assert record.initiator_account_hash == account_hash(BOB)
    assert record.submitted_at == datetime(2025, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


def test_an_initiator_may_be_known_by_account_hash_only():
    answer = transaction_answer("Native", "Transfer", [])
    sender = {"AccountHash": f"account-hash-{digest(31)}"}
    answer["transaction"]["Version1"]["payload"]["initiator_addr"] = sender

    record = parse(answer)

    assert (record.initiator_account_hash, record.initiator_public_key) == (digest(31), None)


def test_arguments_may_be_given_as_bytes():
    answer = transaction_answer("Native", "Transfer", [])
    answer["transaction"]["Version1"]["payload"]["fields"]["args"] = {"Bytesrepr": "00"}

    assert parse(answer).public_keys == ()


@pytest.mark.parametrize(
    ("target", "burn"), [("Native", True), ({"Session": {"module_bytes": "00"}}, False)]
)
def test_only_a_native_burn_is_a_burn(target, burn):
    assert parse(transaction_answer(target, "Burn", [])).burn is burn


@pytest.mark.parametrize(
    "executed",
    [
        {},
        {"execution_results": []},
        {"execution_info": None},
        {"execution_info": {"block_hash": digest(20), "execution_result": None}},
    ],
)
def test_a_deploy_without_a_result_is_to_be_asked_for_again(executed):
    deploy = deploy_answer(NATIVE_TRANSFER)["deploy"]

    assert parse({"deploy": deploy, **executed}) is None


def test_a_failure_of_1x_is_no_success():
    answer = deploy_answer(NATIVE_TRANSFER)
    failure = {"effect": {"transforms": []}, "error_message": "Out of gas error"}
    answer["execution_results"][0]["result"] = {"Failure": failure}

    assert not parse(answer).success


def test_an_error_message_of_2x_is_no_success():
    answer = transaction_answer("Native", "Transfer", [])
    answer["execution_info"]["execution_result"]["Version2"]["error_message"] = "no funds"

    assert not parse(answer).success


def test_an_answer_that_leaves_the_error_message_out_is_refused():
    answer = transaction_answer("Native", "Transfer", [])
    del answer["execution_info"]["execution_result"]["Version2"]["error_message"]

    with pytest.raises(ParseError, match="missing required field `error_message`"):
        parse(answer)


def test_among_several_results_the_block_chooses():
    answer = deploy_answer(NATIVE_TRANSFER)
    elsewhere = {**answer["execution_results"][0], "block_hash": digest(21)}
    answer["execution_results"].insert(0, elsewhere)

    assert parse(answer, block_hash=digest(20)).block_hash == digest(20)
    for unfit in (None, digest(22)):
        with pytest.raises(ParseError, match="expected one result of block"):
            parse(answer, block_hash=unfit)


def test_a_lone_result_of_another_block_is_for_the_caller_to_refuse():
    assert parse(deploy_answer(NATIVE_TRANSFER), block_hash=digest(22)).block_hash == digest(20)


def test_keys_among_the_arguments_are_shown_once_and_without_the_initiators():
    args = [
        ["amount", cl_amount(5)],
        ["target", cl_key(CAROL)],
        ["targetAccountHex", cl_key(CAROL.upper())],
        ["source", cl_key(ALICE)],
        ["other", cl_key(BOB)],
    ]

    assert parse(deploy_answer({"Transfer": {"args": args}})).public_keys == (CAROL, BOB)


@pytest.mark.parametrize(
    "value",
    [
        {**cl_key(CAROL), "parsed": None},
        {**cl_key(CAROL), "cl_type": "String"},
        {**cl_key(CAROL), "cl_type": {"Option": "PublicKey"}},
        {"cl_type": "PublicKey", "parsed": CAROL},
        cl_key("00"),
        cl_key("01ab"),
    ],
)
def test_what_is_no_key_to_the_node_is_not_shown_as_one(value):
    assert parse(deploy_answer({"Transfer": {"args": [["target", value]]}})).public_keys == ()


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"deploy": None},
        {"transaction": {"Version3": {}}},
        deploy_answer({"Transfer": {"args": []}, "ModuleBytes": {"args": []}}),
        transaction_answer("Foreign", "Transfer", []),
    ],
)
def test_anything_else_is_refused(answer):
    with pytest.raises(ParseError, match=r"^info_get_transaction: "):
        parse(answer)
