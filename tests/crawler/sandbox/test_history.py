from hypothesis import given
from hypothesis import strategies as st

from crawler.sandbox.history import Amounts

CHANGES = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.integers(0, 3)), max_size=30
)


@given(CHANGES)
def test_every_past_height_keeps_the_amounts_that_it_had(changes: list[tuple[str, int, int]]):
    amounts: Amounts[str] = Amounts()
    height, past = 0, {}
    for key, amount, step in changes:
        height += step
        amounts.set(key, amount, height)
        past[height] = {name: amounts[name] for name in "abc"}

    for at, expected in past.items():
        assert {name: amounts.at(name, at) or 0 for name in "abc"} == expected
        assert dict(amounts.items_at(at)) == {k: v for k, v in expected.items() if v}


def test_a_key_has_no_amount_before_it_was_set():
    amounts: Amounts[str] = Amounts()
    amounts.set("a", 5, height=3)

    assert (amounts.at("a", 2), amounts.at("a", 3), amounts.at("b", 3)) == (None, 5, None)
