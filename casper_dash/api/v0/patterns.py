"""Regular expressions of a filter: only such as every server runs in bounded time.

A repetition stands behind one character or class, never behind a group or another repetition;
there are few of them and few alternatives; nothing refers back or looks around. So no text makes a
match explode.
"""

import re

MAX_LENGTH = 128
_MOST = {"repeat": 3, "bar": 4}
_CLASS = r"\[\^?\]?(?:[^\[\]\\]|\\[\w\W])+\]"
_SET_OPERATION = re.compile(r"--|&&|~~|\|\|")
"""Inside a class; servers differ in what it means."""
_TOKEN = re.compile(
    rf"(?P<one>{_CLASS}|\\[dDwWsS]|\\[^a-zA-Z0-9]|[^\\^$.|?*+()\[\]{{}}]|\.)"
    r"|(?P<repeat>[*+?]|\{\d{1,3}(?:,\d{0,3})?\})"
    r"|(?P<open>\()|(?P<close>\))|(?P<bar>\|)|(?P<anchor>[\^$])"
)


class UnsafePattern(ValueError):
    """The pattern is too long, malformed or not certain to end soon."""


def safe_pattern(text: str) -> str:
    """The pattern for the database, of `pattern` or `/pattern/i`; case matters without the i.

    Raises UnsafePattern.
    """
    delimited = re.fullmatch(r"/(.*)/([a-z]*)", text, re.DOTALL)
    pattern, flags = (delimited[1], delimited[2]) if delimited else (text, "")
    if not 0 < len(pattern) <= MAX_LENGTH or flags not in ("", "i"):
        raise UnsafePattern(f"a pattern has 1 to {MAX_LENGTH} characters and no flag but i")
    _check(pattern)
    # said in the pattern, since collations differ in what they take for the same letter
    return f"(?i:{pattern})" if flags else f"(?-i:{pattern})"


def _check(pattern: str) -> None:
    left, before, depth, at = dict(_MOST), "", 0, 0
    while at < len(pattern) and depth >= 0:
        token = _TOKEN.match(pattern, at)
        if token is None or token.lastgroup is None:
            raise UnsafePattern(f"not understood: {pattern[at:]}")
        kind = token.lastgroup
        if kind == "repeat" and before != "one":
            raise UnsafePattern("a repetition stands behind one character only")
        if len(token[0]) > 1 and _SET_OPERATION.search(token[0]):
            raise UnsafePattern(f"not understood: {token[0]}")
        left[kind] = left.get(kind, MAX_LENGTH) - 1
        depth += {"open": 1, "close": -1}.get(kind, 0)
        before, at = kind, token.end()
    if depth or min(left.values()) < 0:
        raise UnsafePattern("unbalanced, or too many repetitions or alternatives")
    _compile(pattern)


def _compile(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise UnsafePattern(str(error)) from error
