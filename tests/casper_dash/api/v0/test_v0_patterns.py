import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.api.v0.patterns import MAX_LENGTH, UnsafePattern, safe_pattern


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("^0[1-9a]{2,3}", "(?-i:^0[1-9a]{2,3})"),
        ("/^ab+c?.*$/i", "(?i:^ab+c?.*$)"),
        ("/ab/", "(?-i:ab)"),
        ("(a|b(c|d))\\.", "(?-i:(a|b(c|d))\\.)"),
        ("[^]a-c]", "(?-i:[^]a-c])"),
        ("a/b", "(?-i:a/b)"),
    ],
)
def test_a_pattern_says_itself_whether_case_matters(text, pattern):
    assert safe_pattern(text) == pattern


@pytest.mark.parametrize(
    "text",
    [
        "",
        "//",
        "a" * (MAX_LENGTH + 1),
        "(a+)+$",
        "(a|a)*",
        "(a){9}",
        "a**",
        "a+?",
        "a*a*a*a*",
        "(0|0)(0|0)(0|0)(0|0)(0|0)",
        "(a)\\1",
        "(?=a)",
        "(?P<x>a)",
        "(?i)a",
        "(a",
        "a)",
        ")(",
        "[a",
        "[a--b]",
        "[a&&b]",
        "[z-a]",
        "a{3,1}",
        "{2}",
        "*",
        "\\",
        "\\p{L}",
        "/a/g",
    ],
)
def test_what_is_malformed_or_may_run_long_is_refused(text):
    with pytest.raises(UnsafePattern):
        safe_pattern(text)


@given(st.text(alphabet="ab01()[]{}|*+?^$.\\/-,&~#: \n", max_size=40))
def test_whatever_is_taken_is_a_pattern(text):
    try:
        pattern = safe_pattern(text)
    except UnsafePattern:
        return
    re.compile(pattern)
