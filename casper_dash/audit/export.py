"""The audit as CSV, and as JSON a line, newest entry first, piece by piece."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

from sqlmodel import Session

from casper_dash.audit.reading import Entry, Wanted, entries

_PAGE = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(session: Session, wanted: Wanted) -> Iterator[str]:
    """A header and a line an entry. No cell begins as a formula of a spreadsheet."""
    yield _line([field.name for field in fields(Entry)])
    for entry in _all(session, wanted):
        yield _line([_cell(value) for value in _plain(entry).values()])


def as_json(session: Session, wanted: Wanted) -> Iterator[str]:
    """An object a line, `before` and `after` as they were recorded."""
    for entry in _all(session, wanted):
        values = _plain(entry)
        for name in ("before", "after"):
            values[name] = None if values[name] is None else json.loads(values[name])
        yield json.dumps(values, ensure_ascii=False) + "\n"


def _all(session: Session, wanted: Wanted) -> Iterator[Entry]:
    before = None
    while page := entries(session, wanted, before=before, limit=_PAGE):
        yield from page
        before = page[-1].number


def _plain(entry: Entry) -> dict[str, Any]:
    return asdict(entry) | {"at": entry.at.isoformat(timespec="milliseconds")}


def _line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
