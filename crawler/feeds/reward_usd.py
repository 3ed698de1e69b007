"""What a reward was worth in USD: motes times the hourly close nearest to the era's end.

Worked out when read, not stored: a price that comes later completes it by itself.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Context, Decimal

from sqlalchemy import select
from sqlmodel import Session

from crawler.feeds.hour_price import full_hour
from crawler.models.feeds import PRICE
from crawler.models.figures import ERA

_MOTES_DECIMALS = 9
_EXACT = Context(prec=80)


def usd(motes: int, close: Decimal) -> Decimal:
    """The exact product in USD; whoever shows it rounds it."""
    return _EXACT.multiply(Decimal(motes), close).scaleb(-_MOTES_DECIMALS, context=_EXACT)


def price_hour(time: datetime) -> datetime:
    """The full hour nearest to a time, so at most 30 minutes off; of two the earlier one."""
    earlier = full_hour(time)
    near = time - earlier <= timedelta(minutes=30)
    return earlier if near else earlier + timedelta(hours=1)


def closes_by_era(session: Session, era_ids: Collection[int]) -> dict[int, Decimal]:
    """Era → USD close of the hour nearest to its switch block, where both are known.

    Reads `era` by up to 20,000 ids, then the span of their hours in `price`.
    """
    ends = session.execute(select(ERA.id, ERA.end).where(ERA.id.in_(era_ids), ERA.end.is_not(None)))
    hours = {row.id: price_hour(row.end) for row in ends}
    if not hours:
        return {}
    span = PRICE.hour.between(min(hours.values()), max(hours.values()))
    closes = {
        row.hour: row.close for row in session.execute(select(PRICE.hour, PRICE.close).where(span))
    }
    return {era_id: closes[hour] for era_id, hour in hours.items() if hour in closes}
