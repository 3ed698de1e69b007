import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.api.kinds import MOTES, SIGNED_MOTES

MOST = 10**38 - 1


def test_motes_are_read_exactly():
    assert MOTES.parse("9" * 38) == MOST


@pytest.mark.parametrize("text", ["", "-1", "1.5", " 1", "1_0", "١", "9" * 39])
def test_what_is_no_whole_number_of_motes_is_refused(text):
    with pytest.raises(ValueError, match=text or "^$"):
        MOTES.parse(text)


@given(st.integers(-MOST, MOST))
def test_every_figure_that_can_be_negative_is_written_as_documented(motes):
    text = SIGNED_MOTES.render(motes)

    assert re.search(SIGNED_MOTES.schema["pattern"], text)
    assert int(text) == motes


@given(st.integers(0, MOST))
def test_what_is_written_of_other_motes_is_read_again(motes):
    text = MOTES.render(motes)

    assert re.search(MOTES.schema["pattern"], text)
    assert MOTES.parse(text) == motes
