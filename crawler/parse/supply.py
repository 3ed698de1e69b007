"""Total supply and balances → motes."""

import msgspec

from crawler.parse.clvalue import CLValue, read_amount
from crawler.parse.fields import Digits, OneOf, Result, checked_motes, motes, reads


class _StoredValue(msgspec.Struct):
    cl_value: CLValue = msgspec.field(name="CLValue")


class _StateResult(msgspec.Struct):
    stored_value: _StoredValue


class _Balance(OneOf):
    balance_value: Digits | None = None  # state_get_balance
    balance: Digits | None = None  # query_balance
    total_balance: Digits | None = None  # query_balance_details, holds included


_state_decoder = msgspec.json.Decoder(_StateResult)
_balance_decoder = msgspec.json.Decoder(_Balance)


@reads("query_global_state")
def parse_total_supply(result: Result) -> int:
    """The motes under the mint's total-supply URef, by `query_global_state` or `state_get_item`."""
    return checked_motes(read_amount(_state_decoder.decode(result).stored_value.cl_value))


@reads("query_balance")
def parse_balance(result: Result) -> int:
    """A purse's motes, by `state_get_balance`, `query_balance` or `query_balance_details`."""
    return motes(_balance_decoder.decode(result).content())
