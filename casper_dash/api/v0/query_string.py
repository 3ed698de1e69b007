"""The query string as the older server read it: names with brackets are objects and lists.

Source: the JavaScript module `qs`, as Express sets it up.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

from casper_dash.api.v0.errors import QueryTooLong

MAX_LENGTH = 16 * 1024
"""Node.js took no longer header."""
_MOST_PARAMETERS = 1000
_DEPTH = 5
_HIGHEST_INDEX = 20
_BRACKETED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")

_Tree = dict[str | int, Any]


def parse_query(query: bytes) -> dict[str, Any]:
    """Name → text; or a list of what is given twice; or what brackets make of it.

    What stands deeper than five brackets is left out. Raises QueryTooLong.
    """
    if len(query) > MAX_LENGTH:
        raise QueryTooLong(MAX_LENGTH)
    tree: _Tree = {}
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    for name, text in pairs[:_MOST_PARAMETERS]:
        keys = _keys(name)
        deep = len(keys) > _DEPTH + 1
        _insert(tree, keys[: _DEPTH + 1], {} if deep else text)
    return {str(name): _finished(value) for name, value in tree.items()}


def _keys(name: str) -> list[str]:
    match = _BRACKETED.fullmatch(name)
    if match is None:
        return [name]
    return [match[1], *match[2][1:-1].split("][")]


def _insert(tree: _Tree, keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        tree = _descend(tree, _free(tree) if key == "" else key)
    last: str | int = _free(tree) if keys[-1] == "" else keys[-1]
    if last not in tree:
        tree[last] = value
    elif value != {}:
        repeated = _descend(tree, last)
        repeated[_free(repeated)] = value


def _descend(tree: _Tree, key: str | int) -> _Tree:
    """The object at `key`; a text that is there already becomes its first element."""
    below = tree.setdefault(key, {})
    if not isinstance(below, dict):
        below = tree[key] = {0: below}
    return below


def _free(tree: _Tree) -> int:
    return len(tree)


def _finished(value: Any) -> Any:
    """Objects whose every key is an index are lists."""
    if not isinstance(value, dict):
        return value
    if value and all(map(_is_index, value)):
        return [_finished(value[key]) for key in sorted(value, key=int)]
    return {str(key): _finished(each) for key, each in value.items()}


def _is_index(key: str | int) -> bool:
    if isinstance(key, int):
        return True
    return key.isascii() and key.isdigit() and len(key) <= 2 and int(key) <= _HIGHEST_INDEX
