from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert

from crawler.database import read_session, write_session
from crawler.feeds.reward_usd import closes_by_era, price_hour, usd
from crawler.models.feeds import Price
from crawler.models.figures import Era
from tests import factories

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_reward_in_usd_is_exact():
    assert usd(1_234_567_890_123, Decimal("0.031200000001")) == Decimal("38.518518173072167890123")


def test_a_reward_past_64_bits_is_exact():
    assert usd(10**29 + 1, Decimal("0.000000000001")) == Decimal("100000000.000000000000000000001")


@pytest.mark.parametrize(
    ("minutes", "hour"), [(0, NOON), (29, NOON), (30, NOON), (31, NOON + HOUR), (60, NOON + HOUR)]
)
def test_the_nearest_hour_counts_and_of_two_the_earlier_one(minutes: int, hour: datetime):
    assert price_hour(NOON + timedelta(minutes=minutes)) == hour


@given(st.timedeltas(timedelta(0), timedelta(days=20_000)))
def test_a_price_hour_is_a_full_hour_at_most_30_minutes_off(since: timedelta):
    time = NOON + since
    hour = price_hour(time)

    assert abs(time - hour) <= timedelta(minutes=30)
    assert (hour.minute, hour.second, hour.microsecond) == (0, 0, 0)


def price(hour: datetime, close: str) -> dict:
    names = ("open", "high", "low", "volume_cspr", "volume_usd")
    return {"hour": hour, "close": Decimal(close), **dict.fromkeys(names, Decimal(1))}


def test_eras_without_a_price_or_an_end_have_no_close(engine: Engine):
    with write_session(engine) as session:
        ends = {1: NOON, 2: NOON + HOUR, 3: NOON + 2 * HOUR + timedelta(minutes=31)}
        session.execute(
            insert(Era), [factories.era(era_id, end=end) for era_id, end in ends.items()]
        )
        session.execute(insert(Era), [factories.running_era(4, blocks=3)])
        session.execute(insert(Price), [price(NOON, "0.5"), price(NOON + 3 * HOUR, "0.25")])

    with read_session(engine) as session:
        assert closes_by_era(session, [1, 2, 3, 4, 5]) == {1: Decimal("0.5"), 3: Decimal("0.25")}
        assert closes_by_era(session, []) == {}
        assert closes_by_era(session, [2]) == {}


def test_a_price_that_comes_later_completes_the_rewards(engine: Engine):
    with write_session(engine) as session:
        session.execute(insert(Era), [factories.era(1, end=NOON)])
    with write_session(engine) as session:
        assert closes_by_era(session, [1]) == {}
        session.execute(insert(Price), [price(NOON, "0.5")])

    with read_session(engine) as session:
        assert closes_by_era(session, [1]) == {1: Decimal("0.5")}
