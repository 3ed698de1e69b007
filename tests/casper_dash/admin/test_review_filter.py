"""What a curator types into the review page's filter, and what it asks the database for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.admin.review_filter import VIEWS, Typed, typed, view_of, wanted
from casper_dash.admin.state import Mistake
from crawler.parse.keys import account_hash
from tests.factories import CSPR

KEY = "01" + "ab" * 32


@given(st.integers(0, 10**38 - 1))
def test_an_amount_in_cspr_is_exact_to_the_mote(motes: int):
    text = f"{motes // CSPR}.{motes % CSPR:09d}"

    assert wanted(Typed(min_cspr=text)).min_amount == motes


def test_decimals_that_are_left_out_are_zeros():
    assert wanted(Typed(min_cspr="1.5")).min_amount == 1_500_000_000


def test_a_grouped_amount_is_read():
    assert wanted(Typed(max_cspr="1\u2009000 000")).max_amount == 1_000_000 * CSPR


@pytest.mark.parametrize("text", ["many", "-1", "1e9", "1.0000000001", "١", "1" * 60, ".5"])
def test_what_is_no_amount_is_refused_by_the_fields_name(text: str):
    with pytest.raises(Mistake, match=r"At least|out of bounds"):
        wanted(Typed(min_cspr=text))


def test_an_account_is_a_key_or_a_hash_in_either_spelling():
    found = account_hash(KEY)

    for text in (KEY, found, found.upper(), f"account-hash-{found}"):
        assert wanted(Typed(account=text)).account == found


@pytest.mark.parametrize(
    "fields",
    [
        Typed(account="ab"),
        Typed(status="lost"),
        Typed(direction="up"),
        Typed(depth="two"),
        Typed(from_era="9" * 30),
    ],
)
def test_what_cannot_be_is_refused_in_words(fields: Typed):
    with pytest.raises(Mistake):
        wanted(fields)


@given(st.dictionaries(st.text(max_size=9), st.none() | st.text() | st.integers()))
def test_any_form_is_read_to_bounded_texts(form: dict):
    assert all(len(text) <= 100 for text in vars(typed(form)).values())


def test_a_form_that_says_what_a_view_says_is_that_view():
    for name, view in VIEWS.items():
        assert view_of(typed({key: f" {text} " for key, text in vars(view).items()})) == name
