"""CSPR/USD hour by hour from CryptoCompare's `histohour` (v2), or what speaks its form."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from crawler.feeds.decimals import fitted
from crawler.feeds.hour_price import HourPrice
from crawler.feeds.source import Source, SourceBusy, SourceError
from crawler.models.feeds import Price

_HOUR_S = 3600
_RATE_LIMIT = 99
_MAX_TIME = 253_402_300_800
"""The year 10000, which no datetime reaches."""


class _Hour(msgspec.Struct):
    time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volumefrom: Decimal
    volumeto: Decimal


class _Hours(msgspec.Struct, rename={"hours": "Data"}):
    hours: list[_Hour]


class _Answer(msgspec.Struct, rename="pascal"):
    response: str
    message: str = ""
    type: int = 0
    data: msgspec.Raw = msgspec.Raw(b"{}")


def hourly_prices(source: Source, first: datetime, last: datetime) -> list[HourPrice]:
    """The prices from hour `first` to `last`; a `PriceSource` once `source` is given.

    The source writes hours before the market began as zeros: they are left out.
    """
    hours = round((last - first) / timedelta(hours=1)) + 1
    answer = source.get(
        _Answer,
        # it answers one hour more than `limit`, which must be positive
        {"fsym": "CSPR", "tsym": "USD", "limit": hours, "toTs": round(last.timestamp())},
    )
    if answer.response != "Success":
        raise _refusal(source, answer)
    try:
        told = msgspec.json.decode(answer.data, type=_Hours).hours
        return [_price(hour) for hour in told if hour.close or hour.open]
    except ValueError as error:  # msgspec's errors are ValueErrors too
        raise source.error(f"unexpected answer: {error}") from error


def _refusal(source: Source, answer: _Answer) -> SourceError:
    busy = answer.type == _RATE_LIMIT or "rate limit" in answer.message.lower()
    return source.error(
        answer.message or "refused without a reason", SourceBusy if busy else SourceError
    )


def _price(hour: _Hour) -> HourPrice:
    if hour.time % _HOUR_S or not 0 <= hour.time < _MAX_TIME:
        raise ValueError(f"{hour.time} is no full hour")
    price = HourPrice(
        datetime.fromtimestamp(hour.time, UTC),
        open=fitted(hour.open, Price, "open"),
        high=fitted(hour.high, Price, "high"),
        low=fitted(hour.low, Price, "low"),
        close=fitted(hour.close, Price, "close"),
        volume_cspr=fitted(hour.volumefrom, Price, "volume_cspr"),
        volume_usd=fitted(hour.volumeto, Price, "volume_usd"),
    )
    if min(price.open, price.high, price.low, price.close) <= 0:
        raise ValueError(f"the hour {price.hour:%Y-%m-%dT%H}Z has a price that is not positive")
    return price
