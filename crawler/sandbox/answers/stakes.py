"""Bids, delegations and unbonds as of a block, in the forms of 1.x and 2.x."""

from collections.abc import Iterable

from crawler.sandbox import network
from crawler.sandbox.answers.clvalue import Json, written_uref
from crawler.sandbox.auction import Unbond, by_validator
from crawler.sandbox.chain import Chain
from crawler.sandbox.execution import bonding_purse

_SMALLEST_DELEGATION = 500 * network.CSPR
_LARGEST_DELEGATION = 1_000_000_000 * network.CSPR


def auction_state(chain: Chain, height: int, *, flat: bool) -> Json:
    """The `auction_state` after a block; `flat` is 2.x's list, else delegators are within bids."""
    block = chain.blocks[height]
    bids = _flat_bids(chain, height) if flat else _bids_with_delegators(chain, height)
    return {
        "state_root_hash": block.header.state_root_hash.hex(),
        "block_height": height,
        "era_validators": list(_era_validators(chain, block.header.era_id)),
        "bids": bids,
    }


def bid_with_delegators(chain: Chain, validator: str, height: int) -> Json:
    """1.x's one record of a validator, as an execution writes it."""
    shares = by_validator(chain.auction.stakes.items_at(height)).get(validator, {})
    delegators = {
        key: {
            "delegator_public_key": key,
            "staked_amount": str(amount),
            "bonding_purse": written_uref(bonding_purse(validator, key)),
            "validator_public_key": validator,
            "vesting_schedule": None,
        }
        for key, amount in shares.items()
        if key
    }
    return {
        "validator_public_key": validator,
        **_bid_fields(chain, validator, shares.get("", 0)),
        "vesting_schedule": None,
        "delegators": delegators,
    }


def validator_bid(chain: Chain, validator: str, height: int) -> Json:
    stake = chain.auction.stakes.at((validator, ""), height) or 0
    fields = {
        "validator_public_key": validator,
        **_bid_fields(chain, validator, stake),
        "vesting_schedule": None,
        "minimum_delegation_amount": _SMALLEST_DELEGATION,
        "maximum_delegation_amount": _LARGEST_DELEGATION,
        "reserved_slots": 0,
    }
    return {"Validator": fields}


def delegator_bid(chain: Chain, validator: str, who: str, height: int) -> Json:
    fields = {
        "delegator_kind": delegator_kind(who),
        "staked_amount": str(chain.auction.stakes.at((validator, who), height) or 0),
        "bonding_purse": written_uref(bonding_purse(validator, who)),
        "validator_public_key": validator,
        "vesting_schedule": None,
    }
    return {"Delegator": fields}


def unbond_bid(chain: Chain, validator: str, who: str, height: int) -> Json:
    """Everything that one delegator has on its way back from one validator."""
    return _unbond(validator, who, _pending(chain, validator, who, height))


def withdraws(chain: Chain, validator: str, who: str, height: int) -> list[Json]:
    """The purses of a `WriteWithdraw`, up to 1.4."""
    return [
        {
            "bonding_purse": written_uref(each.purse),
            "validator_public_key": validator,
            "unbonder_public_key": each.unbonder,
            "era_of_creation": each.era_of_creation,
            "amount": str(each.amount),
        }
        for each in _pending(chain, validator, who, height)
    ]


def unbondings(chain: Chain, validator: str, who: str, height: int) -> list[Json]:
    """The purses of a `WriteUnbonding`, from 1.5."""
    pending = _pending(chain, validator, who, height)
    written = withdraws(chain, validator, who, height)
    return [
        {**purse, "new_validator": each.new_validator}
        for purse, each in zip(written, pending, strict=True)
    ]


def delegator_kind(who: str) -> Json:
    """A public key, or a purse's address, which has no prefix here."""
    return {"Purse": who} if len(who) == 64 else {"PublicKey": who}


def _bid_fields(chain: Chain, validator: str, stake: int) -> Json:
    return {
        "bonding_purse": written_uref(bonding_purse(validator, "")),
        "staked_amount": str(stake),
        "delegation_rate": chain.auction.commission_of(validator),
        "inactive": False,
    }


def _bids_with_delegators(chain: Chain, height: int) -> list[Json]:
    stakes = by_validator(chain.auction.stakes.items_at(height))
    bids = []
    for validator, shares in stakes.items():
        delegators = [
            {
                "public_key": key,
                "staked_amount": str(amount),
                "bonding_purse": written_uref(bonding_purse(validator, key)),
                "delegatee": validator,
            }
            for key, amount in shares.items()
            if key
        ]
        bid = {**_bid_fields(chain, validator, shares.get("", 0)), "delegators": delegators}
        bids.append({"public_key": validator, "bid": bid})
    return bids


def _flat_bids(chain: Chain, height: int) -> list[Json]:
    stakes = by_validator(chain.auction.stakes.items_at(height))
    bids = [
        (validator, delegator_bid(chain, validator, key, height))
        if key
        else (validator, validator_bid(chain, validator, height))
        for validator, shares in stakes.items()
        for key in shares
    ]
    pairs = dict.fromkeys(
        (each.validator, each.unbonder) for each in chain.auction.pending_at(height)
    )
    bids += [(validator, unbond_bid(chain, validator, who, height)) for validator, who in pairs]
    return [{"public_key": validator, "bid": bid} for validator, bid in bids]


def _unbond(validator: str, who: str, pending: Iterable[Unbond]) -> Json:
    if who == validator:
        kind = {"Validator": who}
    else:
        kind = {"DelegatedPurse" if len(who) == 64 else "DelegatedPublicKey": who}
    eras = [
        {
            "bonding_purse": written_uref(each.purse),
            "era_of_creation": each.era_of_creation,
            "amount": str(each.amount),
            "new_validator": each.new_validator,
        }
        for each in pending
    ]
    return {"Unbond": {"validator_public_key": validator, "unbond_kind": kind, "eras": eras}}


def _pending(chain: Chain, validator: str, who: str, height: int) -> list[Unbond]:
    return [
        each
        for each in chain.auction.pending_at(height)
        if each.validator == validator and each.unbonder == who
    ]


def _era_validators(chain: Chain, era_id: int) -> Iterable[Json]:
    """The running era's weights, and the next one's where the chain already tells them."""
    for era in (era_id, era_id + 1):
        switch_block = chain.switch_block(era - 1)
        if switch_block is not None and switch_block.header.era_end is not None:
            weights = switch_block.header.era_end.weights
            yield {
                "era_id": era,
                "validator_weights": [
                    {"public_key": key, "weight": str(weight)} for key, weight in weights.items()
                ],
            }
