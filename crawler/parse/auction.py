"""`state_get_auction_info` → bids, delegations and unbonds, from the 1.x and 2.x forms alike."""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import msgspec

from crawler.parse.fields import (
    U8,
    Digits,
    Hash,
    Index,
    OneOf,
    PublicKey,
    Purse,
    Result,
    motes,
    purse_address,
    reads,
)
from crawler.parse.parties import DelegatorKind
from crawler.parse.records import AuctionInfo, Bid, Delegation, Unbond

_E = TypeVar("_E")
_Fact = Bid | Delegation | Unbond


class _Staked(msgspec.Struct):
    staked_amount: Digits


class _EmbeddedDelegator(msgspec.Struct):
    """`{public_key, staked_amount}`, or `{delegator_public_key, delegator}` (2.0 rc)."""

    public_key: PublicKey | None = None
    staked_amount: Digits | None = None
    delegator_public_key: PublicKey | None = None
    delegator: _Staked | None = None


class _ValidatorBid(msgspec.Struct):
    staked_amount: Digits
    delegation_rate: U8
    inactive: bool


class _UnifiedBid(_ValidatorBid):
    """A bid with its delegators inside, as a list or by public key."""

    delegators: list[_EmbeddedDelegator] | dict[PublicKey, _Staked]


class _DelegatorBid(msgspec.Struct):
    delegator_kind: DelegatorKind
    staked_amount: Digits


class _UnbondKind(OneOf, rename="pascal"):
    validator: PublicKey | None = None
    delegated_public_key: PublicKey | None = None
    delegated_purse: Purse | None = None

    def resolve(self) -> str:
        """The public key, or the 64 hex digits of the purse."""
        if self.delegated_purse is not None:
            return purse_address(self.delegated_purse)
        public_key: str = self.content()
        return public_key.lower()


class _UnbondEra(msgspec.Struct):
    era_of_creation: Index
    amount: Digits
    new_validator: PublicKey | None = None


class _Unbond(msgspec.Struct):
    unbond_kind: _UnbondKind
    eras: list[_UnbondEra]


class _BidKind(OneOf, rename="pascal"):
    validator: _ValidatorBid | None = None
    delegator: _DelegatorBid | None = None
    unbond: _Unbond | None = None
    unified: _UnifiedBid | None = None
    # Known, but no stake of their own.
    reservation: dict[str, Any] | None = None
    credit: dict[str, Any] | None = None
    bridge: dict[str, Any] | None = None


class _Entry(msgspec.Struct):
    public_key: PublicKey
    """The validator's."""


class _UnifiedEntry(_Entry):
    bid: _UnifiedBid


class _KindEntry(_Entry):
    bid: _BidKind


class _AnyEntry(_Entry):
    bid: dict[str, msgspec.Raw]


class _State(msgspec.Struct, Generic[_E]):
    state_root_hash: Hash
    block_height: Index
    bids: list[_E]


class _Result(msgspec.Struct, Generic[_E]):
    auction_state: _State[_E]


_any_decoder = msgspec.json.Decoder(_Result[_AnyEntry])
_unified_decoder = msgspec.json.Decoder(_Result[_UnifiedEntry])
_kind_decoder = msgspec.json.Decoder(_Result[_KindEntry])


@reads("state_get_auction_info")
def parse_auction_info(result: Result) -> AuctionInfo:
    """The auction's state, by `state_get_auction_info` (1.x, 2.x) or `state_get_auction_info_v2`.

    In the node's order. Source: casper-types `AuctionState`, `BidKind`.
    """
    state = _any_decoder.decode(result).auction_state
    found = [*_facts(result, unified=any("staked_amount" in entry.bid for entry in state.bids))]
    return AuctionInfo(
        block_height=state.block_height,
        state_root_hash=state.state_root_hash.lower(),
        bids=tuple(fact for fact in found if isinstance(fact, Bid)),
        delegations=tuple(fact for fact in found if isinstance(fact, Delegation)),
        unbonds=tuple(fact for fact in found if isinstance(fact, Unbond)),
    )


def _facts(result: Result, *, unified: bool) -> Iterator[_Fact]:
    if unified:
        for entry in _unified_decoder.decode(result).auction_state.bids:
            yield from _unified_facts(entry.public_key.lower(), entry.bid)
    else:
        for kind in _kind_decoder.decode(result).auction_state.bids:
            yield from _kind_facts(kind.public_key.lower(), kind.bid.content())


def _kind_facts(validator: str, bid: Any) -> Iterator[_Fact]:
    match bid:
        case _UnifiedBid():
            yield from _unified_facts(validator, bid)
        case _ValidatorBid():
            yield _bid(validator, bid)
        case _DelegatorBid():
            yield Delegation(validator, bid.delegator_kind.resolve(), motes(bid.staked_amount))
        case _Unbond():
            unbonder = bid.unbond_kind.resolve()
            yield from (_unbond(validator, unbonder, era) for era in bid.eras)


def _unified_facts(validator: str, bid: _UnifiedBid) -> Iterator[_Fact]:
    yield _bid(validator, bid)
    for delegator, amount in _delegators(bid):
        yield Delegation(validator, delegator.lower(), motes(amount))


def _delegators(bid: _UnifiedBid) -> Iterator[tuple[str, str]]:
    if isinstance(bid.delegators, dict):
        yield from ((key, staked.staked_amount) for key, staked in bid.delegators.items())
        return
    for item in bid.delegators:
        key = item.public_key or item.delegator_public_key
        amount = item.delegator.staked_amount if item.delegator else item.staked_amount
        if key is None or amount is None:
            raise ValueError("expected each delegator's public key and staked amount")
        yield key, amount


def _bid(validator: str, bid: _ValidatorBid) -> Bid:
    return Bid(validator, motes(bid.staked_amount), bid.delegation_rate, bid.inactive)


def _unbond(validator: str, unbonder: str, era: _UnbondEra) -> Unbond:
    new_validator = None if era.new_validator is None else era.new_validator.lower()
    return Unbond(validator, unbonder, motes(era.amount), era.era_of_creation, new_validator)
