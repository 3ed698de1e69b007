import pytest

from crawler.parse.errors import ParseError
from crawler.parse.records import EraInfo, RewardAllocation
from crawler.parse.rewards import parse_era_info
from tests.crawler.parse.builders import ALICE, BOB, digest, era_info_answer, to_json

PURSE = "5f" * 32


def allocations(*listed):
    return parse_era_info(to_json(era_info_answer(*listed))).allocations


def test_an_era_info_names_its_switch_block():
    info = parse_era_info(to_json(era_info_answer()))

    assert info == EraInfo(era_id=3, block_hash=digest(20), allocations=())


def test_a_validators_own_part_has_no_delegator():
    own = {"Validator": {"validator_public_key": ALICE, "amount": "7"}}

    assert allocations(own) == (RewardAllocation(ALICE, None, 7),)


@pytest.mark.parametrize(
    ("kind", "delegator", "expected"),
    [
        ("Delegator", {"delegator_public_key": BOB}, BOB),
        ("Delegator", {"delegator_kind": {"PublicKey": BOB}}, BOB),
        ("DelegatorKind", {"delegator_kind": {"PublicKey": BOB.upper()}}, BOB),
        ("DelegatorKind", {"delegator_kind": {"Purse": PURSE}}, PURSE),
        ("DelegatorKind", {"delegator_kind": {"Purse": f"uref-{PURSE}-007"}}, PURSE),
    ],
)
def test_a_delegator_is_named_by_key_or_purse(kind, delegator, expected):
    part = {kind: {"validator_public_key": ALICE, "amount": "7", **delegator}}

    assert allocations(part) == (RewardAllocation(ALICE, expected, 7),)


def test_a_pair_paid_for_two_eras_is_listed_twice():
    part = {"Validator": {"validator_public_key": ALICE, "amount": "7"}}

    assert len(allocations(part, part)) == 2


def test_a_block_that_is_no_switch_block_gives_none():
    assert parse_era_info(to_json({"api_version": "1.5.6", "era_summary": None})) is None


@pytest.mark.parametrize(
    "allocation",
    [
        {},
        {"Delegator": {"validator_public_key": ALICE, "amount": "7"}},
        {"Other": {"validator_public_key": ALICE, "amount": "7"}},
        {"Validator": {"validator_public_key": ALICE, "amount": 7}},
        {"Validator": {"validator_public_key": "00", "amount": "7"}},
    ],
)
def test_an_allocation_of_another_form_is_refused(allocation):
    with pytest.raises(ParseError, match=r"^chain_get_era_info_by_switch_block: "):
        allocations(allocation)


def test_an_answer_that_leaves_the_summary_out_is_refused():
    with pytest.raises(ParseError, match="missing required field `era_summary`"):
        parse_era_info(b"{}")
