"""Carrying out what deploys and transactions ask for: fees, transfers, staking."""

from collections.abc import Callable
from dataclasses import dataclass

from crawler.sandbox.accounts import SYSTEM_ACCOUNT_HASH, purse
from crawler.sandbox.auction import Auction, Unbond
from crawler.sandbox.block import Request, Transfer
from crawler.sandbox.forms import Action
from crawler.sandbox.ledger import Ledger

Transfers = tuple[Transfer, ...]


class Refused(Exception):
    """The execution fails; its text is the node's error message."""


@dataclass(slots=True)
class Surroundings:
    """The state that a request meets."""

    ledger: Ledger
    auction: Auction
    era_id: int
    fee_purse: str | None
    """Who is paid the fees; None: they are burnt (2.x)."""


@dataclass(slots=True)
class Outcome:
    cost: int
    error: str | None
    transfers: Transfers


def execute(request: Request, around: Surroundings, price: int) -> Outcome:
    """Charge the fee and do what is asked; a failure costs the fee and changes nothing else."""
    source = request.initiator.purse
    cost = min(price, around.ledger.balances[source])
    if around.fee_purse is None:
        around.ledger.burn(source, cost)
    else:
        around.ledger.move(source, around.fee_purse, cost)
    try:
        transfers = _carry_out(request, around)
    except Refused as refusal:
        return Outcome(cost, str(refusal), ())
    return Outcome(cost, None, transfers)


def _carry_out(request: Request, around: Surroundings) -> Transfers:
    form = request.form
    if form.fails:
        raise Refused("User error: 1")
    if form.through == "other_contract":
        return ()
    if form.action == "transfer" and form.through != "native":
        return _transfer_by_wasm(request, around)
    act = _ACTIONS.get(form.action)
    return act(request, around) if act else ()


def _transfer(request: Request, around: Surroundings) -> Transfers:
    source = request.initiator.purse
    _require_balance(around.ledger, source, request.amount)
    receiver = request.counterparty
    target = request.purse or receiver.purse
    around.ledger.move(source, target, request.amount)
    to_account_hash = None if request.purse else receiver.account_hash
    return (_moved(request, source, target, to_account_hash, request.transfer_id),)


def _transfer_by_wasm(request: Request, around: Surroundings) -> Transfers:
    """A contract that pays an account and puts half as much into a purse of its own."""
    source, receiver = request.initiator.purse, request.counterparty
    half = request.amount // 2
    _require_balance(around.ledger, source, request.amount + half)
    vault = purse("vault of the other contract")
    around.ledger.move(source, receiver.purse, request.amount)
    around.ledger.move(source, vault, half)
    return (
        _moved(request, source, receiver.purse, receiver.account_hash, None),
        Transfer(request.initiator, None, source, vault, half, None),
    )


def _burn(request: Request, around: Surroundings) -> Transfers:
    _require_balance(around.ledger, request.initiator.purse, request.amount)
    around.ledger.burn(request.initiator.purse, request.amount)
    return ()


def _add_bid(request: Request, around: Surroundings) -> Transfers:
    return _bond(request, around, request.initiator.public_key, "")


def _delegate(request: Request, around: Surroundings) -> Transfers:
    validator = request.counterparty.public_key
    if not around.auction.stakes[(validator, "")]:
        raise Refused("ApiError::AuctionError(ValidatorNotFound) [64518]")
    return _bond(request, around, validator, delegator(request))


def _bond(request: Request, around: Surroundings, validator: str, who: str) -> Transfers:
    source = request.purse or request.initiator.purse
    _require_balance(around.ledger, source, request.amount)
    around.ledger.withdraw(source, request.amount)
    around.auction.bond(validator, who, request.amount)
    target = bonding_purse(validator, who)
    return (_moved(request, source, target, SYSTEM_ACCOUNT_HASH, None),)


def _undelegate(request: Request, around: Surroundings) -> Transfers:
    return _unbond(request, around, request.counterparty.public_key, delegator(request))


def _withdraw_bid(request: Request, around: Surroundings) -> Transfers:
    own = request.initiator.public_key
    return _unbond(request, around, own, own)


def _unbond(request: Request, around: Surroundings, validator: str, who: str) -> Transfers:
    stake = around.auction.stakes[(validator, "" if who == validator else who)]
    if stake < request.amount:
        raise Refused("ApiError::AuctionError(UnbondTooLarge) [64531]")
    unbond = Unbond(
        validator=validator,
        unbonder=who,
        amount=request.amount,
        purse=request.purse or request.initiator.purse,
        era_of_creation=around.era_id,
        new_validator=request.new_validator.public_key if request.new_validator else None,
        height=around.ledger.height,
    )
    around.auction.unbond(unbond)
    return ()


def delegator(request: Request) -> str:
    """Who delegates: a purse where one is named, else the initiator's key."""
    if request.form.target == "purse" and request.purse:
        return request.purse
    return request.initiator.public_key


def bonding_purse(validator: str, who: str) -> str:
    """The purse that holds a stake."""
    return purse(f"bond {validator} {who}")


def _require_balance(ledger: Ledger, source: str, amount: int) -> None:
    if ledger.balances[source] < amount:
        raise Refused("Mint error: 0")


def _moved(
    request: Request, source: str, target: str, to_account_hash: str | None, number: int | None
) -> Transfer:
    return Transfer(request.initiator, to_account_hash, source, target, request.amount, number)


_ACTIONS: dict[Action, Callable[[Request, Surroundings], Transfers]] = {
    "transfer": _transfer,
    "burn": _burn,
    "add_bid": _add_bid,
    "delegate": _delegate,
    "undelegate": _undelegate,
    "redelegate": _undelegate,
    "withdraw_bid": _withdraw_bid,
}
