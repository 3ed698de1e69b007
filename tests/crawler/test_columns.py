"""Column types: the same values come back from every database, and add up exactly."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from crawler.columns import (
    Exact,
    Height,
    Hex,
    Motes,
    MotesSum,
    UtcTime,
    motes_from_text,
    motes_sum,
    motes_to_text,
)

LIMIT = 10**38
AMOUNTS = st.integers(-LIMIT + 1, LIMIT - 1)
SAMPLE = Table(
    "columns_sample",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("motes", Motes),
    Column("time", UtcTime),
    Column("hash", Hex(32)),
    Column("key", Hex(34, exact=False)),
    Column("height", Height),
    Column("price", Exact(24, 12)),
)
on_a_database = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    SAMPLE.create(engine)
    with engine.connect() as connection:
        yield connection
    SAMPLE.drop(engine)


def kept(connection: Connection, name: str, values: list[Any]) -> list[Any]:
    """The values as the database gives them back, in its own order."""
    connection.execute(SAMPLE.delete())
    connection.execute(insert(SAMPLE), [{name: value} for value in values])
    column = SAMPLE.c[name]
    return list(connection.execute(select(column).order_by(column)).scalars())


@given(AMOUNTS)
def test_text_of_an_amount_is_read_back(motes: int):
    assert motes_from_text(motes_to_text(motes)) == motes


@given(AMOUNTS, AMOUNTS)
def test_texts_sort_as_their_amounts(one: int, other: int):
    assert (motes_to_text(one) < motes_to_text(other)) == (one < other)


@pytest.mark.parametrize("motes", [LIMIT, -LIMIT])
def test_an_amount_of_more_digits_is_refused(motes: int):
    with pytest.raises(ValueError, match="do not fit 38 digits"):
        motes_to_text(motes)


@given(st.lists(st.none() | st.integers(-(10**30), 10**30)))
def test_sqlites_aggregate_adds_up_exactly(amounts: list[int | None]):
    aggregate = MotesSum()
    for motes in amounts:
        aggregate.step(None if motes is None else motes_to_text(motes))

    assert motes_from_text(aggregate.finalize()) == sum(filter(None, amounts))


@on_a_database
@given(amounts=st.lists(st.integers(-(10**30), 10**30), min_size=1, max_size=8))
def test_amounts_are_kept_sorted_and_summed_exactly(connection: Connection, amounts: list[int]):
    assert kept(connection, "motes", amounts) == sorted(amounts)
    assert connection.execute(select(motes_sum(SAMPLE.c.motes))).scalar() == sum(amounts)
    above = select(SAMPLE.c.motes).where(SAMPLE.c.motes >= amounts[0])
    assert sorted(connection.execute(above).scalars()) == sorted(
        motes for motes in amounts if motes >= amounts[0]
    )


def test_a_sum_past_a_signed_64_bit_number_is_exact(connection: Connection):
    amounts = [2**63 - 1, 2**63 + 1, 7]
    kept(connection, "motes", amounts)

    total = connection.execute(select(motes_sum(SAMPLE.c.motes))).scalar()
    assert total == 2**64 + 7


def test_a_sum_over_no_rows_is_zero(connection: Connection):
    assert connection.execute(select(motes_sum(SAMPLE.c.motes))).scalar() == 0


def test_nothing_stays_nothing(connection: Connection):
    connection.execute(insert(SAMPLE).values(id=1))
    row = connection.execute(select(SAMPLE)).one()

    assert tuple(row)[1:] == (None,) * 6


@on_a_database
@given(
    times=st.lists(
        st.datetimes(
            datetime(2000, 1, 1),  # noqa: DTZ001
            datetime(2100, 1, 1),  # noqa: DTZ001
            timezones=st.just(UTC) | st.just(timezone(timedelta(hours=5, minutes=30))),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_times_come_back_in_utc_to_the_millisecond(connection: Connection, times: list[datetime]):
    cut = [time.replace(microsecond=time.microsecond // 1000 * 1000) for time in times]
    held = kept(connection, "time", times)

    assert held == sorted(cut)
    assert {time.tzinfo for time in held} == {UTC}


@on_a_database
@given(digests=st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=4))
def test_digests_come_back_as_lower_case_hex(connection: Connection, digests: list[bytes]):
    assert kept(connection, "hash", [digest.hex().upper() for digest in digests]) == sorted(
        digest.hex() for digest in digests
    )


@on_a_database
@given(keys=st.lists(st.binary(max_size=34), min_size=1, max_size=4))
def test_keys_of_any_length_come_back_as_they_are(connection: Connection, keys: list[bytes]):
    assert kept(connection, "key", [key.hex() for key in keys]) == sorted(k.hex() for k in keys)


def test_what_is_no_hex_is_refused(connection: Connection):
    with pytest.raises(StatementError):
        connection.execute(insert(SAMPLE).values(hash="xy"))


def test_heights_past_32_bits_are_kept(connection: Connection):
    assert kept(connection, "height", [2**40, 3]) == [3, 2**40]


def test_decimals_are_kept_to_the_last_place(connection: Connection):
    price = Decimal("123456789012.000000000001")

    assert kept(connection, "price", [price]) == [price]
