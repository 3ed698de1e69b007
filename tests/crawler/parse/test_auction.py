import pytest

from crawler.parse.auction import parse_auction_info
from crawler.parse.errors import ParseError
from crawler.parse.records import Bid, Delegation, Unbond
from tests.crawler.parse.builders import ALICE, BOB, CAROL, digest, to_json

OWN = {"staked_amount": "50", "delegation_rate": 10, "inactive": False}
PURSE = "5f" * 32


def auction_info(*bids):
    listed = [{"public_key": ALICE, "bid": bid} for bid in bids]
    state = {"state_root_hash": digest(11), "block_height": 9, "bids": listed}
    return parse_auction_info(to_json({"auction_state": state}))


@pytest.mark.parametrize(
    "delegators",
    [
        [{"public_key": BOB, "staked_amount": "7", "delegatee": ALICE}],
        [{"delegator_public_key": BOB, "delegator": {"staked_amount": "7"}}],
        {BOB: {"staked_amount": "7", "delegator_public_key": BOB}},
    ],
    ids=["1.x", "2.0 rc", "stored value"],
)
def test_a_1x_bid_holds_its_delegators(delegators):
    info = auction_info({**OWN, "delegators": delegators})

    assert (info.block_height, info.state_root_hash) == (9, digest(11))
    assert info.bids == (Bid(ALICE, self_stake=50, delegation_rate=10, inactive=False),)
    assert info.delegations == (Delegation(ALICE, BOB, 7),)
    assert info.unbonds == ()


def test_a_2x_auction_lists_bids_of_every_kind_side_by_side():
    era = {"era_of_creation": 4, "amount": "3", "new_validator": None}
    info = auction_info(
        {"Validator": OWN},
        {"Delegator": {"delegator_kind": {"PublicKey": BOB}, "staked_amount": "7"}},
        {"Delegator": {"delegator_kind": {"Purse": PURSE}, "staked_amount": "8"}},
        {"Unbond": {"unbond_kind": {"DelegatedPublicKey": BOB}, "eras": [era]}},
        {"Reservation": {"delegator_kind": {"PublicKey": BOB}, "delegation_rate": 3}},
        {"Credit": {"era_id": 4, "amount": "1"}},
        {"Bridge": {"era_id": 4}},
    )

    assert info.bids == (Bid(ALICE, 50, 10, inactive=False),)
    assert info.delegations == (Delegation(ALICE, BOB, 7), Delegation(ALICE, PURSE, 8))
    assert info.unbonds == (Unbond(ALICE, BOB, 3, era_of_creation=4, new_validator=None),)


def test_a_unified_bid_holds_its_delegators_in_2x_too():
    delegators = [{"public_key": BOB, "staked_amount": "7"}]
    info = auction_info({"Unified": {**OWN, "delegators": delegators}}, {"Validator": OWN})

    assert len(info.bids) == 2
    assert info.delegations == (Delegation(ALICE, BOB, 7),)


@pytest.mark.parametrize(
    ("kind", "unbonder"),
    [
        ({"Validator": ALICE}, ALICE),
        ({"DelegatedPublicKey": BOB.upper()}, BOB),
        ({"DelegatedPurse": PURSE}, PURSE),
    ],
)
def test_every_era_of_an_unbond_is_an_entry(kind, unbonder):
    eras = [
        {"era_of_creation": 4, "amount": "3", "new_validator": CAROL},
        {"era_of_creation": 5, "amount": "2"},
    ]

    info = auction_info({"Unbond": {"unbond_kind": kind, "eras": eras}})

    assert info.unbonds == (
        Unbond(ALICE, unbonder, 3, 4, CAROL),
        Unbond(ALICE, unbonder, 2, 5, None),
    )


def test_an_auction_without_bids_is_empty():
    assert auction_info().bids == ()


@pytest.mark.parametrize(
    "bid",
    [
        {"Delegator": {"staked_amount": "7"}},
        {"Unheard": {}},
        {**OWN, "delegators": [{"public_key": BOB}]},
        {**OWN, "delegators": [{"staked_amount": "7"}]},
        {**OWN, "delegation_rate": 256, "delegators": []},
    ],
)
def test_a_bid_of_another_form_is_refused(bid):
    with pytest.raises(ParseError, match=r"^state_get_auction_info: "):
        auction_info(bid)
