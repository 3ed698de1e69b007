"""Whatever a node sends, a parser raises ParseError or gives a right record."""

import copy
import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.auction import parse_auction_info
from crawler.parse.blocks import parse_block, parse_block_added
from crawler.parse.envelope import read_envelope
from crawler.parse.errors import ErrorAnswer, ParseError
from crawler.parse.peers import parse_peers
from crawler.parse.rewards import parse_era_info
from crawler.parse.status import parse_status
from crawler.parse.supply import parse_balance, parse_total_supply
from crawler.parse.transactions import parse_transaction
from crawler.parse.transfers import parse_transfers
from tests.crawler.parse.builders import (
    ALICE,
    AUCTION,
    BOB,
    CAROL,
    block_v1,
    block_v2,
    cl_amount,
    deploy_answer,
    digest,
    era_end_v1,
    era_end_v2,
    era_info_answer,
    sidecar_result,
    staking_arguments,
    supply_answer,
    to_json,
    transaction_answer,
    transfer_v1,
    transfer_v2,
    transfers_answer,
    v1_result,
)

parse_deploy = partial(parse_transaction, auction_contract=AUCTION)

DELEGATION = staking_arguments(delegator=ALICE, validator=BOB, amount=7)
CALL = {"hash": AUCTION, "entry_point": "delegate", "args": DELEGATION}
OWN = {"staked_amount": "50", "delegation_rate": 10, "inactive": False}
BIDS = [
    {"public_key": ALICE, "bid": {"Validator": OWN}},
    {"public_key": ALICE, "bid": {"Delegator": {"delegator_kind": {"PublicKey": BOB}, **OWN}}},
]
HEAD = {"hash": digest(1), "height": 9, "era_id": 2, "timestamp": "2024-05-16T09:23:10.718Z"}

BLOCKS = {
    "1.x": json.loads(v1_result(block_v1(era_end=era_end_v1()))),
    "2.x": json.loads(sidecar_result(block_v2(era_end=era_end_v2()))),
}
OTHERS = [
    (parse_deploy, deploy_answer({"StoredContractByHash": CALL})),
    (parse_deploy, deploy_answer({"ModuleBytes": {"module_bytes": "00", "args": DELEGATION}})),
    (parse_deploy, transaction_answer("Native", "Delegate", DELEGATION)),
    (parse_transfers, transfers_answer(transfer_v1())),
    (parse_transfers, transfers_answer({"Version2": transfer_v2()})),
    (
        parse_era_info,
        era_info_answer({"Validator": {"validator_public_key": ALICE, "amount": "7"}}),
    ),
    (
        parse_auction_info,
        {"auction_state": {"state_root_hash": digest(1), "block_height": 9, "bids": BIDS}},
    ),
    (parse_total_supply, json.loads(supply_answer(cl_amount(10**19)))),
    (parse_balance, {"balance": "5"}),
    (parse_status, {"chainspec_name": "c", "build_version": "1", "last_added_block_info": HEAD}),
    (parse_peers, {"peers": [{"node_id": "a", "address": "b"}]}),
    (parse_block_added, {"BlockAdded": {"block_hash": block_v1()["hash"], "block": block_v1()}}),
    (read_envelope, {"jsonrpc": "2.0", "error": {"code": 1, "message": "", "data": {}}}),
]
PARSERS = [parse_block, *{parse: None for parse, _ in OTHERS}]

odd_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**520),
    st.floats(),
    st.text(max_size=70),
    st.sampled_from(
        [
            {},
            [],
            {"Version1": {}},
            "00",
            CAROL,
            CAROL.upper(),
            digest(99),
            "ab" * 31,
            str(2**512),
            "1" * 200,
            "-1",
            "1.4.1",
            "2024-02-30T00:00:00.000Z",
            "2024-05-16T09:23:10.7189999Z",
            "0001-01-01T00:00:00+01:00",
        ]
    ),
)


def places(value, path=()):
    """The path of every value inside a JSON value."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


@st.composite
def mutations(draw, answer):
    """The answer with one value dropped, doubled or replaced."""
    mutated = copy.deepcopy(answer)
    *parents, last = draw(st.sampled_from(list(places(answer))))
    holder = mutated
    for step in parents:
        holder = holder[step]
    change = draw(st.sampled_from(["drop", "replace", "double"]))
    if change == "drop":
        del holder[last]
    elif change == "double" and isinstance(holder, list):
        holder.insert(last, copy.deepcopy(holder[last]))
    else:
        holder[last] = draw(odd_values)
    return mutated


@pytest.mark.parametrize("form", BLOCKS)
@given(data=st.data())
def test_a_mutated_block_is_refused_or_missing_or_the_same_block(form, data):
    answer = BLOCKS[form]
    mutated = data.draw(mutations(answer))

    try:
        record = parse_block(to_json(mutated))
    except ParseError:
        return
    assert record in (None, parse_block(to_json(answer)))


@pytest.mark.parametrize(("parse", "answer"), OTHERS[:-1])
def test_the_answers_are_read_before_they_are_mutated(parse, answer):
    assert parse(to_json(answer)) is not None


@pytest.mark.parametrize(("parse", "answer"), OTHERS)
@given(data=st.data())
def test_any_other_mutated_answer_is_read_or_refused(parse, answer, data):
    try:
        parse(to_json(data.draw(mutations(answer))))
    except (ParseError, ErrorAnswer):
        return


@pytest.mark.parametrize("parse", PARSERS)
@given(body=st.binary() | odd_values.map(to_json))
def test_any_bytes_are_read_or_refused(parse, body):
    try:
        parse(body)
    except (ParseError, ErrorAnswer):
        return


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"x":' * 100_000, b'{"block":"\xff"}', b'{"balance":' + b"9" * 5000]
)
def test_input_made_to_break_a_parser_is_refused(parse, body):
    with pytest.raises(ParseError):
        parse(body)
