"""Heights as cells."""

from hypothesis import given
from hypothesis import strategies as st

from casper_dash.admin.heat import Cell, cell_size, cells


def test_cells_are_round_numbers_of_blocks():
    assert cell_size(240) == 1
    assert cell_size(241) == 2
    assert cell_size(4_812_331) == 50_000


def test_a_cell_says_whether_its_heights_are_held_in_part_or_missing():
    found = cells(0, 1199, [(5, 9), (3, 4)])

    assert found[:3] == [
        Cell("part", "0 – 4: 2 missing"),
        Cell("missing", "5 – 9: 5 missing"),
        Cell("held", "10 – 14: held"),
    ]


@given(st.integers(0, 3000), st.sets(st.integers(0, 3000)))
def test_every_missing_height_is_in_a_cell_that_says_so(last: int, missing: set[int]):
    gaps = [(height, height) for height in sorted(missing, reverse=True) if height <= last]
    size = cell_size(last + 1)

    found = cells(0, last, gaps)

    for index, cell in enumerate(found):
        heights = range(index * size, min((index + 1) * size, last + 1))
        lost = sum(height in missing for height in heights)
        expected = "held" if not lost else "missing" if lost == len(heights) else "part"
        assert cell.state == expected
    assert len(found) <= 240
