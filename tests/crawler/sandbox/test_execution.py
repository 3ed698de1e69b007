import pytest

from crawler.sandbox import network
from crawler.sandbox.auction import Auction
from crawler.sandbox.block import Request
from crawler.sandbox.execution import Surroundings, execute
from crawler.sandbox.forms import Action, Form
from crawler.sandbox.ledger import Ledger
from crawler.sandbox.network import CSPR

USER, VALIDATOR, STRANGER = network.USERS[0], network.VALIDATORS[0], network.USERS[1]
PRICE = 2 * CSPR


@pytest.fixture
def around() -> Surroundings:
    ledger = Ledger()
    ledger.mint(USER.purse, 1000 * CSPR)
    ledger.mint(VALIDATOR.purse, 1000 * CSPR)
    auction = Auction(ledger)
    auction.bond(VALIDATOR.public_key, "", 500 * CSPR)
    ledger.mint_stake(500 * CSPR)
    return Surroundings(ledger, auction, era_id=3, fee_purse=None)


def ask(action: Action, amount: int, other: network.Account = VALIDATOR) -> Request:
    return Request(Form(action, "native"), USER, amount * CSPR, other)


def test_a_success_costs_the_fee_besides_what_it_does(around: Surroundings):
    outcome = execute(ask("transfer", 100, STRANGER), around, PRICE)

    assert outcome.error is None
    assert around.ledger.balances[USER.purse] == 898 * CSPR
    assert around.ledger.balances[STRANGER.purse] == 100 * CSPR
    assert around.ledger.total_supply == 2498 * CSPR


def test_a_fee_that_is_not_burnt_goes_to_its_purse(around: Surroundings):
    around.fee_purse = VALIDATOR.purse

    execute(ask("call", 0), around, PRICE)

    assert around.ledger.balances[VALIDATOR.purse] == 1002 * CSPR
    assert around.ledger.total_supply == 2500 * CSPR


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (ask("transfer", 999, STRANGER), "Mint error: 0"),
        (ask("burn", 999), "Mint error: 0"),
        (ask("delegate", 999), "Mint error: 0"),
        (ask("delegate", 10, STRANGER), "ValidatorNotFound"),
        (ask("undelegate", 1), "UnbondTooLarge"),
        (ask("withdraw_bid", 1), "UnbondTooLarge"),
    ],
)
def test_a_failure_costs_the_fee_and_changes_nothing_else(
    around: Surroundings, request_: Request, reason: str
):
    outcome = execute(request_, around, PRICE)

    assert reason in outcome.error
    assert (outcome.transfers, around.auction.unbonds) == ((), [])
    assert around.ledger.balances[USER.purse] == 998 * CSPR
    assert around.auction.stakes.total() == 500 * CSPR


def test_no_more_can_be_undelegated_than_was_delegated(around: Surroundings):
    execute(ask("delegate", 300), around, PRICE)

    assert execute(ask("undelegate", 301), around, PRICE).error
    assert execute(ask("undelegate", 300), around, PRICE).error is None


def test_an_empty_purse_pays_what_it_has(around: Surroundings):
    request = Request(Form("call", "by_hash"), STRANGER, 0, USER)

    assert execute(request, around, PRICE).cost == 0


def test_a_delegation_moves_to_the_system_account_and_an_undelegation_waits(around: Surroundings):
    delegated = execute(ask("delegate", 300), around, PRICE)
    execute(ask("undelegate", 120), around, PRICE)

    assert around.auction.stakes[(VALIDATOR.public_key, USER.public_key)] == 180 * CSPR
    (unbond,) = around.auction.unbonds
    assert (unbond.amount, unbond.era_of_creation) == (120 * CSPR, 3)
    (moved,) = delegated.transfers
    assert moved.to_account_hash.startswith("6174cf2e")

    before = around.ledger.balances[USER.purse]
    around.auction.release_unbonds(9)
    assert around.ledger.balances[USER.purse] == before
    around.auction.release_unbonds(10)
    assert around.ledger.balances[USER.purse] == before + 120 * CSPR


def test_a_redelegation_arrives_at_the_new_validator(around: Surroundings):
    other = network.VALIDATORS[1]
    execute(ask("delegate", 300), around, PRICE)
    request = ask("redelegate", 100)
    request.new_validator = other

    execute(request, around, PRICE)
    around.auction.release_unbonds(10)

    assert around.auction.stakes[(other.public_key, USER.public_key)] == 100 * CSPR
