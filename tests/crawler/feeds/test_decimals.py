from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.feeds.decimals import fitted
from crawler.models.feeds import Price

LIMIT = 10**22


@given(st.decimals(-LIMIT + 1, LIMIT - 1))
def test_a_number_loses_no_more_than_the_columns_last_decimal(number: Decimal):
    found = fitted(number, Price, "volume_usd")

    assert found.as_tuple().exponent == -8
    assert abs(Fraction(found) - Fraction(number)) <= Fraction(1, 2 * 10**8)


def test_thirty_digits_are_exact():
    number = Decimal("1234567890123456789012.12345678")

    assert fitted(number, Price, "volume_usd") == number


@pytest.mark.parametrize(
    "number", ["NaN", "sNaN", "Infinity", "-Infinity", "1e22", "-1e22", f"{LIMIT - 1}.999999999"]
)
def test_what_does_not_fit_is_refused(number: str):
    with pytest.raises(ValueError, match=f"is no number below {LIMIT}"):
        fitted(Decimal(number), Price, "volume_usd")
