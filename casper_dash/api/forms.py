"""The forms of a list: JSON pages, and CSV and NDJSON, which can be written piece by piece."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from casper_dash.api.kinds import Field

JSON = "application/json"

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class StreamForm:
    """A form whose pieces can be strung together: `head` once, then `rows` for each batch."""

    name: str
    media_type: str
    head: Callable[[Sequence[Field]], bytes]
    rows: Callable[[Iterable[Mapping[str, Any]]], bytes]


def _csv_head(fields: Sequence[Field]) -> bytes:
    return _csv_lines([[field.name for field in fields]])


def _csv_rows(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return _csv_lines([_cell(value) for value in row.values()] for row in rows)


def _csv_lines(lines: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    """JSON's own words for true and false; nothing for null; JSON itself inside a cell.

    Text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    if isinstance(value, bool | dict | list):
        return orjson.dumps(value).decode()
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


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
