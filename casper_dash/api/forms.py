"""The forms of a list: JSON pages, and CSV and NDJSON, which can be written piece by piece."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from casper_dash.api.kinds import Field

JSON = "application/json"

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")
_SPECIAL = re.compile('[,"\r\n]')


@dataclass(frozen=True)
class StreamForm:
    """A form whose pieces can be strung together: `head` once, then `rows` for each batch."""

    name: str
    media_type: str
    head: Callable[[Sequence[Field]], bytes]
    rows: Callable[[Iterable[Mapping[str, Any]]], bytes]


def _csv_head(fields: Sequence[Field]) -> bytes:
    return _csv_line(field.name for field in fields).encode()


def _csv_rows(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join([_csv_line(row.values()) for row in rows]).encode()


def _csv_line(values: Iterable[Any]) -> str:
    """A record of RFC 4180. The module `csv` takes twice as long for what is mostly digits."""
    # alone in its line, an empty cell would be no record at all
    return (",".join([_cell(value) for value in values]) or '""') + "\r\n"


def _cell(value: Any) -> str:
    """JSON's own words for true and false; nothing for null; JSON itself inside a cell.

    Text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    if isinstance(value, str):
        return value if value.isalnum() else _text(value)
    if value is None:
        return ""
    return str(value) if type(value) is int else _quoted(orjson.dumps(value).decode())


def _text(value: str) -> str:
    is_formula = value.startswith(_FORMULA) and not _NUMBER.fullmatch(value)
    return _quoted(f"'{value}" if is_formula else value)


def _quoted(text: str) -> str:
    if _SPECIAL.search(text) is None:
        return text
    return '"' + text.replace('"', '""') + '"'


CSV = StreamForm("csv", "text/csv", _csv_head, _csv_rows)
NDJSON = StreamForm(
    "ndjson",
    "application/x-ndjson",
    head=lambda fields: b"",
    rows=lambda rows: b"".join(orjson.dumps(row) + b"\n" for row in rows),
)

STREAMED = {form.media_type: form for form in (CSV, NDJSON)}
MEDIA_TYPES = {"json": JSON} | {form.name: form.media_type for form in (CSV, NDJSON)}
"""Of the words that `format` takes."""
