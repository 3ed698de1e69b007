"""Which transactions are staking operations, however they were sent.

As module bytes: told by the names of the arguments, delegate and undelegate by the effects; a
success counts only if its effects write a bid or an unbond.
As a call of the auction contract by hash, or natively (2.x): told by the entry point.
By name: the named key `auction`, which an account may point anywhere, so a success counts only if
its effects write a bid or an unbond. Calls of a contract package (versioned calls) are none: a
network file names the auction's contract, not its package.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Literal, get_args

from crawler.parse.clvalue import CLValue, read_amount
from crawler.parse.execution import Outcome, Written
from crawler.parse.records import StakingKind, StakingOperation

CallTarget = Literal["auction", "auction_name", "module_bytes", "other"]

AUCTION_NAME = "auction"
NATIVE_ENTRY_POINTS: dict[str, StakingKind] = {
    "AddBid": "add_bid",
    "WithdrawBid": "withdraw_bid",
    "Delegate": "delegate",
    "Undelegate": "undelegate",
    "Redelegate": "redelegate",
}

_KINDS: dict[str, StakingKind] = {kind: kind for kind in get_args(StakingKind)}
# Up to 1.4 a withdraw purse, from 1.5 an unbonding, in 2.x a bid of kind Unbond.
_UNBONDS = frozenset({"Withdraw", "Unbonding", "Unbond"})
_BIDS = frozenset({"Bid", "Unified", "Validator", "Delegator"})


@dataclass(frozen=True, slots=True)
class Call:
    """What a transaction runs: the auction, something that its account names so, wasm, or else."""

    target: CallTarget
    entry_point: str
    arguments: dict[str, CLValue]


def staking_operation(call: Call, outcome: Outcome) -> StakingOperation | None:
    """The operation, told by its form also where it failed; None for any other transaction.

    Raises ValueError if the auction accepted a call without an amount, which cannot be.
    """
    kind = _kind(call, outcome)
    if kind is None:
        return None
    try:
        return StakingOperation(kind, read_amount(call.arguments["amount"]))
    except (KeyError, ValueError) as error:
        # Anyone may send any arguments, but only the auction itself is sure to refuse them.
        if call.target == "auction" and outcome.success:
            raise ValueError(f"expected the amount of a successful {kind}") from error
        return None


def _kind(call: Call, outcome: Outcome) -> StakingKind | None:
    match call.target:
        case "auction":
            return _KINDS.get(call.entry_point)
        case "auction_name":
            reached = not outcome.success or outcome.written() & (_BIDS | _UNBONDS)
            return _KINDS.get(call.entry_point) if reached else None
        case "module_bytes":
            kind = _kind_by_arguments(call.arguments.keys(), outcome.written)
            # anyone can send wasm that does nothing, with a bid's argument names
            reached = not outcome.success or outcome.written() & (_BIDS | _UNBONDS)
            return kind if reached else None
        case _:
            return None


def _kind_by_arguments(names: Set[str], written: Callable[[], Written]) -> StakingKind | None:
    if names >= {"validator", "amount"} and names & {"delegator", "delegator_purse"}:
        if "new_validator" in names:
            return "redelegate"
        return "undelegate" if written() & _UNBONDS else "delegate"
    if names >= {"public_key", "amount", "delegation_rate"}:
        return "add_bid"
    # So few and common names must be all that there are.
    if {"public_key", "amount"} <= names <= {"public_key", "amount", "unbond_purse"}:
        return "withdraw_bid"
    return None
