"""/api/v1/accounts/{account}, and the rewards below it"""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from casper_dash.api.caching import newest
from casper_dash.api.kinds import (
    DECIMAL,
    HASH,
    MOTES,
    PUBLIC_KEY,
    TEXT,
    TIME,
    WHOLE,
    Field,
    choice,
    nested,
    pattern,
)
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.api.v1.account_id import ACCOUNT
from casper_dash.queries.accounts import AccountId, Turnover, account
from casper_dash.queries.paging import Page
from casper_dash.queries.rewards import RewardFilter, rewards

_NAMED = Parameter("account", ACCOUNT, "The account.")
_TURNOVER = nested(
    (
        Field("count", WHOLE, "How many native transfers."),
        Field("amount", MOTES, "Their sum in motes."),
    )
)


def _find(session: Session, wanted: AccountId, now: datetime) -> Found | None:
    found = account(session, wanted)
    if found is None:
        return None
    row = {
        "public_key": found.public_key,
        "account_hash": found.account_hash,
        "name": found.name,
        "balance": found.balance,
        "transfers_in": _turnover(found.received),
        "transfers_out": _turnover(found.sent),
        "first_seen": found.first_seen,
        "last_seen": found.last_seen,
    }
    return Found(row, newest(None, now))


def _turnover(turnover: Turnover) -> dict[str, Any]:
    return {"count": turnover.count, "amount": turnover.amount}


ACCOUNTS = Resource(
    name="account",
    path="/api/v1/accounts",
    description="An account.",
    fields=(
        Field("public_key", PUBLIC_KEY, "Its public key, once a header has told it.", True),
        Field("account_hash", HASH, "Its account hash."),
        Field("name", TEXT, "The name that it is known by.", nullable=True),
        Field("balance", MOTES, "The newest balance known, after a transfer.", nullable=True),
        Field("transfers_in", _TURNOVER, "Native transfers to it."),
        Field("transfers_out", _TURNOVER, "Native transfers from it."),
        Field("first_seen", TIME, "Its first transfer.", nullable=True),
        Field("last_seen", TIME, "Its last transfer.", nullable=True),
    ),
    item=Item(summary="One account", find=_find, parameter=_NAMED),
)


def _select(session: Session, wanted: RewardFilter, page: Page) -> Rows:
    return Rows(rewards(session, wanted, page))


REWARDS = Resource(
    name="reward",
    path="/api/v1/accounts/{account}/rewards",
    description="What an account was paid as a delegator of one validator.",
    fields=(
        Field("era_id", WHOLE, "The era; null on sums.", nullable=True),
        Field(
            "period",
            pattern("[0-9]{4}-[0-9]{2}(-[0-9]{2})?", "a day or month"),
            "The day or month (UTC) of the eras' ends; null without group.",
            nullable=True,
        ),
        Field("timestamp", TIME, "The end of the era, or of the last one summed.", nullable=True),
        Field("validator", PUBLIC_KEY, "The validator that was delegated to."),
        Field("amount", MOTES, "Motes."),
        Field(
            "price_usd",
            DECIMAL,
            "USD a CSPR, the close of the hour nearest to the era's end; null until known, and"
            " on sums.",
            nullable=True,
        ),
        Field("amount_usd", DECIMAL, "Worth then, in USD; null until known.", nullable=True),
    ),
    listing=Listing(
        summary="A delegator's rewards",
        within=_NAMED,
        parameters=(
            Parameter("from", WHOLE, "From this era on.", argument="from_id"),
            Parameter("to", WHOLE, "Up to this era.", argument="to_id"),
            Parameter("validator", PUBLIC_KEY, "Paid through this validator."),
            Parameter("group", choice("era", "day", "month"), "What is summed.", default="era"),
        ),
        filter=RewardFilter,
        select=_select,
        key=("era_id", "validator"),
        sorted_by="group",
        sorts=dict.fromkeys(("day", "month"), ("period", "validator")),
    ),
)
