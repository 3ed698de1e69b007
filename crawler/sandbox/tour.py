"""The scripted part of the traffic: every form that a protocol version knows, and chains of
transfers out of locked accounts. One inner list is what one block gets."""

from crawler.sandbox.accounts import Account, purse
from crawler.sandbox.block import Request
from crawler.sandbox.forms import (
    OTHER_FORMS,
    STAKING_FORMS,
    TO_PURSE,
    TRANSFER_FORMS,
    Form,
    Version,
    available,
)
from crawler.sandbox.network import CANDIDATES, CSPR, LOCKED, USERS, VALIDATORS

LARGE_TRANSFER_ID = 2**53 + 11
_DELEGATOR = USERS[10]
_STAKED = 10_000 * CSPR
_UNSTAKED = 500 * CSPR
_PLAIN = TRANSFER_FORMS[0]


def script(version: Version) -> list[list[Request]]:
    """What the tour sends while a version is in force, block by block."""
    return [
        *_transfers(version),
        *_depths(),
        *_stakings(version),
        *([_other(form)] for form in available(OTHER_FORMS, version)),
    ]


def _transfers(version: Version) -> list[list[Request]]:
    ids = (None, 0, 7, LARGE_TRANSFER_ID, 2**64 - 1)
    forms = available(TRANSFER_FORMS, version)
    return [
        [transfer(form, place, (1000 + place) * CSPR + place, ids[place % len(ids)])]
        for place, form in enumerate(forms)
    ]


def transfer(form: Form, place: int, amount: int, transfer_id: int | None) -> Request:
    """A transfer in a form, between users that `place` chooses."""
    sender = USERS[place % 60]
    receiver = sender if form.target == "self" else USERS[60 + place * 7 % 60]
    if form.target == "purse":
        return Request(form, sender, amount, sender, None, vault(place), transfer_id)
    return Request(form, sender, amount, receiver, transfer_id=transfer_id)


def vault(place: int) -> str:
    """A purse that is no account's main purse."""
    return purse(f"vault {place % 10}")


def _depths() -> list[list[Request]]:
    """Paths out of locked accounts, some within one block, where the order decides."""
    first, second, third, fourth, early, late = USERS[110:116]
    amount = 500 * CSPR

    def send(sender: int | None, *path: Account) -> Request:
        origin = path[0] if sender is None else LOCKED[sender]
        return Request(_PLAIN, origin, amount - 40 * CSPR * len(path), path[-1], transfer_id=1)

    return [
        [send(None, fourth, USERS[116])],
        [send(0, first)],
        [send(None, first, second), send(None, second, third)],
        [send(None, third, fourth)],
        [send(None, early, late), send(1, early), send(None, early, late), send(2, late)],
        [Request(_PLAIN, LOCKED[3], amount, LOCKED[4], transfer_id=2)],
    ]


def _stakings(version: Version) -> list[list[Request]]:
    return [staking(form, _DELEGATOR, 0) for form in available(STAKING_FORMS, version)]


def staking(form: Form, delegator: Account, place: int) -> list[Request]:
    """A staking operation with what it needs beforehand; only bids ignore the delegator."""
    validator = VALIDATORS[place % len(VALIDATORS)]
    if form.action in ("add_bid", "withdraw_bid"):
        amount = _STAKED if form.action == "add_bid" else _UNSTAKED
        given = vault(3) if form.target == "purse" else ""
        candidate = CANDIDATES[place % len(CANDIDATES)]
        return [Request(form, candidate, amount, candidate, purse=given)]
    if form.target == "purse":
        return _staking_from_purse(form, delegator, validator)
    request = Request(form, delegator, _UNSTAKED, validator)
    if form.action == "delegate":
        request.amount = _STAKED
    if form.action == "redelegate":
        request.new_validator = VALIDATORS[(place + 1) % len(VALIDATORS)]
    return [request]


def _staking_from_purse(form: Form, delegator: Account, validator: Account) -> list[Request]:
    source = purse(f"delegating purse of {delegator.public_key}")
    if form.action != "delegate":
        return [Request(form, delegator, _UNSTAKED, validator, purse=source)]
    funding = Request(TO_PURSE, delegator, _STAKED, delegator, purse=source)
    return [funding, Request(form, delegator, _STAKED, validator, purse=source)]


def _other(form: Form) -> Request:
    return Request(form, USERS[20], 250 * CSPR, VALIDATORS[0] if _stakes(form) else USERS[21])


def _stakes(form: Form) -> bool:
    return form.action in ("delegate", "activate_bid", "add_reservations", "cancel_reservations")
