import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.hashing import read_u512, u512_bytes


@given(st.integers(0, 2**512 - 1))
def test_an_amount_survives_its_encoding(amount: int):
    assert read_u512(u512_bytes(amount)) == amount


@pytest.mark.parametrize(
    ("amount", "encoded"), [(0, "00"), (1, "0101"), (256, "020001"), (2**512 - 1, "40" + "ff" * 64)]
)
def test_an_amount_takes_as_few_bytes_as_hold_it(amount, encoded):
    assert u512_bytes(amount).hex() == encoded


def test_leading_zeros_are_read_as_nodes_read_them():
    assert read_u512(bytes.fromhex("0100")) == 0


@pytest.mark.parametrize("encoded", ["", "01", "020001ff", "41" + "ff" * 65])
def test_bytes_of_the_wrong_length_are_no_amount(encoded):
    with pytest.raises(ValueError, match="expected the bytes of a U512"):
        read_u512(bytes.fromhex(encoded))
