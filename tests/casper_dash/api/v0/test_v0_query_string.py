import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.api.v0.query_string import parse_query


@pytest.mark.parametrize(
    ("query", "parsed"),
    [
        ("", {}),
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a", {"a": ""}),
        ("a=1+2%2B3", {"a": "1 2+3"}),
        ("a=1&a=2&a=3", {"a": ["1", "2", "3"]}),
        ("a[b]=1", {"a": {"b": "1"}}),
        ("a%5Bb%5D=1", {"a": {"b": "1"}}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[]=1&a=2", {"a": ["1", "2"]}),
        ("a[1]=y&a[0]=x", {"a": ["x", "y"]}),
        ("a[20]=x", {"a": ["x"]}),
        ("a[21]=x", {"a": {"21": "x"}}),
        ("a[0]=x&a[b]=y", {"a": {"0": "x", "b": "y"}}),
        ("a=x&a[b]=y", {"a": {"0": "x", "b": "y"}}),
        ("a[b][c][d][e][f]=1", {"a": {"b": {"c": {"d": {"e": {"f": "1"}}}}}}),
        ("a[b][c][d][e][f][g]=1", {"a": {"b": {"c": {"d": {"e": {"f": {}}}}}}}),
        ("a[b=1&c]=2&[d]=3", {"a[b": "1", "c]": "2", "[d]": "3"}),
    ],
)
def test_brackets_make_objects_and_lists(query, parsed):
    assert parse_query(query.encode()) == parsed


def test_a_list_may_be_longer_than_any_index():
    query = "&".join(f"a[]={number}" for number in range(50))

    assert parse_query(query.encode()) == {"a": [str(number) for number in range(50)]}


def test_no_more_than_a_thousand_parameters_are_read():
    assert len(parse_query("&".join(f"a{number}=" for number in range(1200)).encode())) == 1000


@given(st.text(alphabet="ab01[]=&%", max_size=60))
def test_any_query_is_read(query):
    parse_query(query.encode())


@given(st.binary(max_size=60))
def test_any_bytes_are_read(query):
    parse_query(query)
