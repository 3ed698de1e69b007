"""/delegators"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlmodel import Session
from starlette.responses import Response

from casper_dash.api.caching import GROWING
from casper_dash.api.v0.answers import json_answer, number, second_text
from casper_dash.api.v0.errors import InvalidParameter, MissingParameter
from casper_dash.api.v0.parameters import Parameters
from casper_dash.api.v0.question import Question
from casper_dash.queries.paging import Row
from casper_dash.queries.v0.rewards import newest_rewards
from crawler.feeds.reward_usd import closes_by_era, usd
from crawler.parse.keys import is_hash, is_public_key

MOST_REWARDS = 20_000
_PLACES = 10**6
"""More than an era has delegators of the indexed validators."""


def delegators(parameters: Parameters) -> Question:
    """Rewards of a validator's delegators, or of a delegator, or of both."""
    validator, delegator = parameters.text("validator"), parameters.text("delegator")
    most = _most(parameters)
    if not validator and not delegator:
        raise MissingParameter("validator or delegator")
    keys = (_lower(validator), _lower(delegator))

    def answer(session: Session, _now: datetime) -> Response:
        if not most or not all(map(_can_be_paid, keys)):
            return json_answer([], GROWING)
        rows = newest_rewards(session, *keys, most)
        closes = closes_by_era(session, {row["era_id"] for row in rows})
        return json_answer(list(_shown(rows, closes)), GROWING)

    return Question(answer, costly=True)


def _lower(key: str | None) -> str | None:
    return key.lower() if key else None


def _most(parameters: Parameters) -> int:
    limit = parameters.number("limit")
    if limit is None:
        return MOST_REWARDS
    if limit < 0 or limit != limit.to_integral_value():
        raise InvalidParameter("limit", parameters.text("limit"))
    return min(int(limit), MOST_REWARDS)


def _can_be_paid(key: str | None) -> bool:
    """Whether it is a public key, or a purse's address; None restricts nothing."""
    return key is None or is_public_key(key) or is_hash(key)


def _shown(rows: Sequence[Row], closes: dict[int, Decimal]) -> Iterator[dict[str, Any]]:
    for era_id, paid in groupby(rows, key=lambda row: row["era_id"]):
        for place, row in enumerate(paid):
            close = closes.get(era_id)
            yield {
                "id": era_id * _PLACES + place,
                "eraId": era_id,
                "validator": row["validator"],
                "delegator": row["delegator"],
                "amount": str(row["amount"]),
                "usdAmount": 0 if close is None else number(usd(row["amount"], close)),
                "created_at": row["end"] and second_text(row["end"]),
            }
