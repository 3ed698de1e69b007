import pytest

from casper_dash.api.kinds import MOTES


def test_motes_are_read_exactly():
    assert MOTES.parse("9" * 38) == 10**38 - 1


@pytest.mark.parametrize("text", ["", "-1", "1.5", " 1", "1_0", "١", "9" * 39])
def test_what_is_no_whole_number_of_motes_is_refused(text):
    with pytest.raises(ValueError, match=text or "^$"):
        MOTES.parse(text)
