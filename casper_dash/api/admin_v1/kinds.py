"""Kinds of values that only the admin's API has."""

import json
import re
from dataclasses import replace
from typing import Any

from casper_dash.api.kinds import TEXT, Kind

_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_PLACE = re.compile(r"([0-9]{1,18})-([0-9]{1,9})")
_MOST_LISTED = 20


def _an_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(text)
    return text


def _place(text: str) -> tuple[int, int]:
    found = _PLACE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1]), int(found[2])


def several(kind: Kind) -> Kind:
    """A comma list of such values."""

    def parse(text: str) -> tuple[Any, ...]:
        words = text.split(",")
        if len(words) > _MOST_LISTED:
            raise ValueError(text)
        return tuple(kind.parse(word) for word in words)

    return Kind(f"a comma list, each {kind.allowed}", {"type": "string"}, parse)


ID = Kind("an id", {"type": "string", "pattern": f"^{_ID.pattern}$"}, _an_id)
"""Of a person, session or token; its letters' case counts."""
PLACE = Kind(
    "a height and an index: 4210-3", {"type": "string", "pattern": f"^{_PLACE.pattern}$"}, _place
)
RECORDED = replace(TEXT, schema={}, render=json.loads)
"""What the audit keeps as JSON: any value."""
