"""Keeps CSPR/USD hour by hour: finds the hours that are missing, asks for them, newest first."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Engine, delete, select
from sqlmodel import Session

from crawler.database import read_session, transact, upsert
from crawler.feeds.cryptocompare import hourly_prices
from crawler.feeds.hour_price import MAX_HOURS, HourPrice, PriceSource, full_hour
from crawler.feeds.source import Source
from crawler.models.feeds import PRICE, PRICE_GAP, Price, PriceGap
from crawler.network import Network
from crawler.settings import CrawlerSettings

INTERVAL_S = 600
_CALLS_A_RUN = 30
"""Of 2,000 hours each: all hours of mainnet's first six years."""
_HOUR = timedelta(hours=1)
_GRACE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(days=30)


def refresh_prices(engine: Engine, network: Network, settings: CrawlerSettings) -> str:
    """The job: stores what is missing since the network's first hour; one line says how much.

    Raises SourceError; what was stored before stays.
    """
    if not settings.prices_api_key:
        return "prices are off: PRICES_API_KEY is empty"
    first = full_hour(network.genesis_time)
    with Source(settings.prices_url, api_key=settings.prices_api_key) as source:
        return fill_prices(engine, partial(hourly_prices, source), first, lambda: datetime.now(UTC))


def fill_prices(
    engine: Engine, source: PriceSource, first: datetime, clock: Callable[[], datetime]
) -> str:
    """Asks `source` for missing hours from `first` on, in batches, each stored at once."""
    with read_session(engine) as session:
        missing = missing_hours(session, first, last_closed_hour(clock()), clock())
    stored = 0
    for hours in batches(missing)[:_CALLS_A_RUN]:
        prices = source(hours[-1], hours[0])
        stored += transact(engine, partial(_keep, hours=hours, prices=prices, now=clock()))
    return f"{stored} of {len(missing)} missing hours' prices stored"


def missing_hours(
    session: Session, first: datetime, last: datetime, now: datetime
) -> list[datetime]:
    """Hours without an exact price, newest first; those that the source lacked rest for a while.

    Reads both primary keys.
    """
    exact = select(PRICE.hour).where(PRICE.hour.between(first, last), ~PRICE.rounded)
    held = set(session.execute(exact).scalars())
    resting = select(PRICE_GAP.hour).where(PRICE_GAP.ask_after > now)
    held.update(session.execute(resting).scalars())
    count = max((last - first) // _HOUR + 1, 0)
    hours = (last - number * _HOUR for number in range(count))
    return [hour for hour in hours if hour not in held]


def batches(hours: Sequence[datetime]) -> list[list[datetime]]:
    """Falling hours in lists that one question can span."""
    found: list[list[datetime]] = []
    for hour in hours:
        if found and found[-1][0] - hour < MAX_HOURS * _HOUR:
            found[-1].append(hour)
        else:
            found.append([hour])
    return found


def last_closed_hour(now: datetime) -> datetime:
    """The newest hour whose close is final."""
    # sources correct an hour for some moments after its end
    return full_hour(now - _GRACE) - _HOUR


def _keep(session: Session, hours: list[datetime], prices: list[HourPrice], now: datetime) -> int:
    """Stores the prices of the hours that were missing and notes the others as gaps."""
    wanted = set(hours)
    rows = {
        price.hour: {**asdict(price), "rounded": False} for price in prices if price.hour in wanted
    }
    names = [name for name in Price.model_fields if name != "hour"]
    upsert(session, Price, list(rows.values()), lambda new: {name: new[name] for name in names})
    _note_gaps(session, sorted(wanted - rows.keys()), now)
    if rows:
        session.execute(delete(PriceGap).where(PRICE_GAP.hour.in_(rows.keys())))
    return len(rows)


def _note_gaps(session: Session, hours: list[datetime], now: datetime) -> None:
    told = select(PRICE_GAP.hour, PRICE_GAP.attempts).where(PRICE_GAP.hour.in_(hours))
    attempts = {row.hour: row.attempts for row in session.execute(told)} if hours else {}
    rows = [
        {
            "hour": hour,
            "attempts": attempts.get(hour, 0) + 1,
            "ask_after": now + _pause(attempts.get(hour, 0)),
        }
        for hour in hours
    ]
    upsert(
        session,
        PriceGap,
        rows,
        lambda new: {"attempts": new.attempts, "ask_after": new.ask_after},
    )


def _pause(attempts: int) -> timedelta:
    """How long an hour without a price rests: an hour, doubled each time, at most a month."""
    return min(_HOUR * (1 << min(attempts, 10)), _LONGEST_PAUSE)
