"""Values as the panel shows them."""

from hypothesis import given
from hypothesis import strategies as st

from casper_dash.admin.words import bytes_text, grouped, lasted


def test_durations_name_their_two_largest_units():
    shown = [lasted(s) for s in (0, 0.42, 59, 65, 600, 7080, 172_800 + 4 * 3600)]

    assert shown == ["0 s", "0.4 s", "59 s", "1 min 05 s", "10 min", "1 h 58 min", "2 d 4 h"]


def test_sizes_have_two_digits_or_more():
    sizes = (0, 999, 1000, 9_949, 9_950, 999_499, 999_500, 4_100_000_000, 5 * 10**15)

    shown = [bytes_text(size).replace("\u2009", " ") for size in sizes]

    assert shown == [
        "0 B",
        "999 B",
        "1.0 KB",
        "9.9 KB",
        "10 KB",
        "999 KB",
        "1.0 MB",
        "4.1 GB",
        "5000 TB",
    ]


@given(st.integers(0, 10**15))
def test_grouping_changes_no_digit(number: int):
    assert grouped(number).replace("\u2009", "") == str(number)
