import pytest

from crawler.parse.errors import ParseError
from crawler.parse.keys import account_hash
from crawler.parse.transfers import parse_transfers
from tests.crawler.parse.builders import (
    BOB,
    digest,
    to_json,
    transfer_v1,
    transfer_v2,
    transfers_answer,
    uref,
)


def test_transfers_keep_the_nodes_order_and_the_hash_of_their_block():
    found = parse_transfers(to_json(transfers_answer(transfer_v1(2), transfer_v1(1))))

    assert found.block_hash == digest(20)
    assert [transfer.transaction_hash for transfer in found.transfers] == [digest(2), digest(1)]


def test_a_1x_transfer_names_accounts_by_hash():
    (transfer,) = parse_transfers(to_json(transfers_answer(transfer_v1()))).transfers

    assert (transfer.from_account_hash, transfer.to_account_hash) == (digest(31), digest(32))
    assert transfer.from_public_key is transfer.to_public_key is None
    assert (transfer.source, transfer.target) == (uref(33), uref(34))
    assert transfer.amount == 2_500_000_000
    assert transfer.transfer_id is None


def test_a_2x_transfer_may_name_its_sender_by_key():
    answer = transfers_answer({"Version2": transfer_v2()})

    (transfer,) = parse_transfers(to_json(answer)).transfers

    assert transfer.transaction_hash == digest(2)
    assert transfer.from_public_key == BOB
    assert transfer.from_account_hash == account_hash(BOB)
    assert transfer.transfer_id == 2**64 - 1


def test_a_2x_transfer_may_name_its_sender_by_account_hash():
    sender = {"AccountHash": f"account-hash-{digest(31)}"}
    answer = transfers_answer({"Version2": {**transfer_v2(), "from": sender}})

    (transfer,) = parse_transfers(to_json(answer)).transfers

    assert (transfer.from_account_hash, transfer.from_public_key) == (digest(31), None)


def test_a_1x_transfer_reads_the_same_behind_a_sidecar():
    bare = to_json(transfers_answer(transfer_v1()))
    versioned = to_json(transfers_answer({"Version1": transfer_v1()}))

    assert parse_transfers(bare) == parse_transfers(versioned)


def test_a_transfer_into_a_purse_has_no_receiving_account():
    answer = transfers_answer({**transfer_v1(), "to": None})

    (transfer,) = parse_transfers(to_json(answer)).transfers

    assert transfer.to_account_hash is None


def test_mixed_case_hex_is_recorded_in_lower_case():
    shouted = {**transfer_v1(), "source": f"uref-{'AB' * 32}-007", "deploy_hash": "AB" * 32}

    (transfer,) = parse_transfers(to_json(transfers_answer(shouted))).transfers

    assert transfer.source == f"uref-{'ab' * 32}-007"
    assert transfer.transaction_hash == "ab" * 32


def test_a_node_that_lacks_the_block_gives_none():
    assert parse_transfers(to_json({"block_hash": None, "transfers": None})) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "-1"),
        ("amount", "2.5"),
        ("amount", 2),
        ("amount", str(2**512)),
        ("id", 2**64),
        ("id", -1),
        ("from", digest(31)),
        ("source", f"uref-{digest(33)}"),
        ("deploy_hash", "ab"),
    ],
)
def test_a_value_out_of_bounds_is_refused(field, value):
    with pytest.raises(ParseError, match=r"^chain_get_block_transfers: "):
        parse_transfers(to_json(transfers_answer({**transfer_v1(), field: value})))


def test_a_wrong_field_is_named_by_its_place_in_the_list():
    answer = transfers_answer(transfer_v1(), {**transfer_v1(), "to": 5})

    with pytest.raises(ParseError, match=r"at \$\.transfers\[1\]\.to$"):
        parse_transfers(to_json(answer))
