"""Older rows → rows of our tables, one by one. Pure. Whole CSPR stay whole CSPR, named so."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlmodel import SQLModel

from crawler.feeds.decimals import fitted
from crawler.legacy.fields import Fields
from crawler.models.chain import Balance, Reward
from crawler.models.feeds import Peer, Price
from crawler.models.legacy import LegacyBlock, LegacyEra, LegacyTransfer
from crawler.parse.keys import is_public_key

Row = dict[str, Any]


def block_row(fields: Fields) -> Row:
    """A row of `legacy_block`."""
    switch = fields.flag("switch")
    return {
        "height": fields.whole("id"),
        "hash": fields.hash("block_hash"),
        "state_root_hash": fields.hash("state_root_hash"),
        "era_id": fields.whole("era_id"),
        "timestamp": fields.server_time("timestamp"),
        "switch": switch,
        "deploys": fields.optional("deploys_count") or 0,
        "transfers": fields.optional("transfers_count") or 0,
        "total_supply_cspr": fields.whole("total_supply"),
        "staked_cspr": fields.whole("staked_this_block"),
        "unstaked_cspr": fields.whole("unstaked_this_block"),
        # it wrote 0 where there was nothing to tell
        "next_era_weight_cspr": fields.optional("next_era_validators_weights") if switch else None,
        "validators": fields.optional("validators_count") if switch else None,
        "validators_rewards_cspr": fields.optional("validators_rewards") if switch else None,
        "delegators": fields.optional("delegators_count") if switch else None,
        "delegators_rewards_cspr": fields.optional("delegators_rewards") if switch else None,
    }


def transfer_row(fields: Fields) -> Row:
    """A row of `legacy_transfer`."""
    return {
        "height": fields.whole("blockHeight"),
        "id": fields.whole("id"),
        "era_id": fields.whole("eraId"),
        "deploy_hash": fields.hash("deployhash"),
        "submitted_at": fields.server_time("timestamp"),
        "sender": fields.party("fromhash"),
        "receiver": fields.party("tohash"),
        "amount": fields.motes("amount"),
        "approved": fields.flag("approved"),
    }


def era_row(fields: Fields) -> Row:
    """A row of `legacy_era`."""
    return {
        "id": fields.whole("id"),
        "start_block": fields.whole("start_block"),
        "end_block": fields.optional("end_block"),
        "start": fields.server_time("start"),
        "end": fields.optional_server_time("end"),
        "weight_cspr": fields.whole("validators_weights"),
        "total_supply_cspr": fields.whole("total_supply"),
        "circulating_supply_cspr": fields.whole("circulating_supply"),
        "staked_cspr": fields.optional("staked_this_era"),
        "unstaked_cspr": fields.optional("unstaked_this_era"),
        "validators_rewards_cspr": fields.optional("validators_rewards"),
        "delegators_rewards_cspr": fields.optional("delegators_rewards"),
    }


def reward_row(fields: Fields) -> Row:
    """A row of `reward`; its USD are worked out from prices."""
    return {
        "era_id": fields.whole("eraId"),
        "validator": fields.public_key("validator"),
        "delegator": fields.public_key("delegator"),
        "amount": fields.motes("amount"),
    }


def balance_row(fields: Fields) -> Row:
    """A row of `balance`."""
    return {
        "account_hash": fields.hash("account_hash"),
        "height": fields.whole("block_height"),
        "balance": fields.motes("amount"),
    }


def price_row(fields: Fields) -> Row | None:
    """A row of `price`; None for the zeros that were stored before the market began."""
    numbers = {
        ours: _amount(fields, theirs, Price, ours)
        for ours, theirs in (
            ("open", "open"),
            ("high", "high"),
            ("low", "low"),
            ("close", "close"),
            ("volume_cspr", "volumefrom"),
            ("volume_usd", "volumeto"),
        )
    }
    hour = fields.utc_time("date").replace(minute=0, second=0, microsecond=0)
    return {"hour": hour, "rounded": True, **numbers} if numbers["close"] else None


def peer_row(fields: Fields) -> Row:
    """A row of `peer`, without its version; what is no place or number is not known."""
    latitude, _, longitude = fields.text("loc").partition(",")
    place = _known(latitude, "latitude", 90), _known(longitude, "longitude", 180)
    return {
        "address": fields.text("ip")[:100],
        "public_key": key if is_public_key(key := fields.text("public_key").lower()) else None,
        "node_version": fields.text("api_version")[:32] or None,
        "role": fields.text("mission").lower()[:16] or None,
        "country": country if len(country := fields.text("country").upper()) == 2 else None,
        "region": fields.text("region")[:100] or None,
        "city": fields.text("city")[:100] or None,
        "postal": fields.text("postal")[:20] or None,
        "timezone": fields.text("timezone")[:64] or None,
        "organisation": fields.text("org")[:200] or None,
        "latitude": place[0] if None not in place else None,
        "longitude": place[1] if None not in place else None,
        "performance": _known(fields.text("performance"), "performance", 10**6 - 1),
    }


MAPPED: dict[str, tuple[type[SQLModel], Callable[[Fields], Row | None]]] = {
    "Block": (LegacyBlock, block_row),
    "Transfer": (LegacyTransfer, transfer_row),
    "Era": (LegacyEra, era_row),
    "Delegators": (Reward, reward_row),
    "Balance": (Balance, balance_row),
    "Price": (Price, price_row),
}
"""Older table → our table and how a row of it is made; the others take more than one row."""


def _amount(fields: Fields, theirs: str, model: type[Price], ours: str) -> Decimal:
    return fitted(fields.decimal(theirs, 0, 10**12 - 1), model, ours)


def _known(text: str, column: str, most: int) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except ArithmeticError:
        return None
    if not (number.is_finite() and abs(number) <= most):
        return None
    return fitted(number, Peer, column)
