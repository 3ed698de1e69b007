"""A delegator's rewards, for each era and validator, or summed by day or month, and in USD."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import eq, ge, le
from typing import Any, Literal

from sqlalchemy import ColumnElement, String, and_, func, select
from sqlmodel import Session

from casper_dash.queries.accounts import AccountId, public_key_of
from casper_dash.queries.paging import Page, Row, given, paged, rows
from crawler.columns import motes_sum
from crawler.feeds.reward_usd import closes_by_era, usd
from crawler.models.chain import REWARD, Reward
from crawler.models.figures import ERA, Era
from crawler.models.table import table_of

Group = Literal["era", "day", "month"]

# of a time as both databases write it: 2026-11-24 13:05:12
_LENGTHS: dict[Group, int] = {"day": len("2026-11-24"), "month": len("2026-11")}
_PAID = table_of(Reward).outerjoin(table_of(Era), ERA.id == REWARD.era_id)


@dataclass(frozen=True)
class RewardFilter:
    """Whose rewards, of which eras (inclusive) and validator, and how they are summed."""

    account: AccountId
    from_id: int | None = None
    to_id: int | None = None
    validator: str | None = None
    group: Group = "era"


def rewards(session: Session, wanted: RewardFilter, page: Page) -> list[Row]:
    """Rewards by era and validator, or by period (UTC, of the era's end) and validator.

    Reads ix_reward_delegator; eras by their key and the prices of the page's hours. A sum reads
    every reward that it is made of. `price_usd` is null on sums; `amount_usd` is where a price
    is not known.
    """
    if wanted.group == "era":
        return _by_era(session, wanted, page)
    return _by_period(session, wanted, page, _LENGTHS[wanted.group])


def _conditions(session: Session, wanted: RewardFilter) -> list[ColumnElement[bool]]:
    # a reward is paid to a public key, or else to a purse, which is asked for like a hash
    delegator = public_key_of(session, wanted.account) or wanted.account.account_hash
    return given(
        (eq, REWARD.delegator, delegator),
        (ge, REWARD.era_id, wanted.from_id),
        (le, REWARD.era_id, wanted.to_id),
        (eq, REWARD.validator, wanted.validator),
    )


def _by_era(session: Session, wanted: RewardFilter, page: Page) -> list[Row]:
    statement = (
        select(REWARD.era_id, REWARD.validator, REWARD.amount, ERA.end.label("timestamp"))
        .select_from(_PAID)
        .where(*_conditions(session, wanted))
    )
    found = rows(session, paged(statement, [REWARD.era_id, REWARD.validator], page))
    closes = closes_by_era(session, {row["era_id"] for row in found})
    return [{**row, "period": None, **_in_usd(row, closes)} for row in found]


def _in_usd(row: Row, closes: dict[int, Decimal]) -> Row:
    close = closes.get(row["era_id"])
    amount = None if close is None else usd(row["amount"], close)
    return {"price_usd": close, "amount_usd": amount}


def _by_period(session: Session, wanted: RewardFilter, page: Page, length: int) -> list[Row]:
    period = func.substr(ERA.end, 1, length, type_=String)
    conditions = [*_conditions(session, wanted), ERA.end.is_not(None)]
    statement = (
        select(
            period.label("period"),
            REWARD.validator,
            motes_sum(REWARD.amount).label("amount"),
            func.min(REWARD.era_id).label("first"),
            func.max(REWARD.era_id).label("last"),
            func.max(ERA.end).label("timestamp"),
        )
        .select_from(_PAID)
        .where(*conditions)
        .group_by(period, REWARD.validator)
    )
    found = rows(session, paged(statement, [period, REWARD.validator], page))
    worth = _worth(session, conditions, period, found)
    return [{**row, "era_id": None, "price_usd": None, "amount_usd": worth(row)} for row in found]


def _worth(
    session: Session, conditions: Sequence[ColumnElement[bool]], period: Any, sums: Sequence[Row]
) -> Any:
    """What each of the sums was worth when it was paid; None where a price is not known."""
    if not sums:
        return lambda row: None
    span = REWARD.era_id.between(
        min(row["first"] for row in sums), max(row["last"] for row in sums)
    )
    columns = (period.label("period"), REWARD.validator, REWARD.era_id, REWARD.amount)
    paid = rows(session, select(*columns).select_from(_PAID).where(and_(*conditions), span))
    closes = closes_by_era(session, {row["era_id"] for row in paid})
    worth: dict[tuple[str, str], Decimal | None] = {}
    for row in paid:
        key = row["period"], row["validator"]
        amount = _in_usd(row, closes)["amount_usd"]
        before = worth.get(key, Decimal(0))
        worth[key] = None if amount is None or before is None else before + amount
    return lambda row: worth[row["period"], row["validator"]]
