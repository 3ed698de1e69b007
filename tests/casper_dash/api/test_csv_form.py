"""CSV as a law: whatever the cells are, a reader gets them back."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from casper_dash.api.forms import CSV
from casper_dash.api.kinds import TEXT, Field

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
CELLS = st.one_of(st.none(), st.booleans(), st.integers(), TEXTS)
ROWS = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width))
)


def read(body):
    return list(csv.reader(io.StringIO(body.decode(), newline="")))


def as_text(value):
    return (
        {None: "", True: "true", False: "false"}[value]
        if isinstance(value, bool | None)
        else (str(value))
    )


@given(ROWS)
def test_a_reader_gets_every_cell_back(rows):
    body = CSV.rows(dict(enumerate(row)) for row in rows)

    found = [[cell.removeprefix("'") for cell in row] for row in read(body)]
    assert found == [[as_text(value).removeprefix("'") for value in row] for row in rows]


@given(st.sampled_from("=+-@\t\r"), TEXTS)
def test_no_text_is_a_formula(first, rest):
    ((cell,),) = read(CSV.rows([{"a": first + rest}]))

    is_number = first == "-" and rest.replace(".", "", 1).isdigit()
    assert is_number or cell == f"'{first}{rest}"


def test_numbers_stay_numbers_and_an_empty_line_is_a_record():
    rows = [{"a": "-12.5"}, {"a": -3}, {"a": None}, {"a": ""}]

    assert read(CSV.rows(rows)) == [["-12.5"], ["-3"], [""], [""]]


def test_the_head_names_the_fields():
    assert CSV.head([Field("a", TEXT, ""), Field("b", TEXT, "")]) == b"a,b\r\n"
