"""One hour's price, and what a price source is: a function from a span of hours to prices."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class HourPrice:
    """CSPR/USD in the hour that begins at `hour` (UTC), as exact as the table keeps it."""

    hour: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume_cspr: Decimal
    volume_usd: Decimal


PriceSource = Callable[[datetime, datetime], list[HourPrice]]
"""First and last hour, at most MAX_HOURS with both → the prices of that span, in any order.

Hours without a price are left out, others may come along. Raises SourceError.
"""

MAX_HOURS = 2000


def full_hour(time: datetime) -> datetime:
    """The hour in which a time lies, by its beginning."""
    return time.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
