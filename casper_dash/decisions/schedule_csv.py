"""A schedule from CSV, with what is wrong in which line. Pure."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from casper_dash.decisions.schedule import MOST_STEPS, Step

MOST_CHARACTERS = 500_000
_MOTES_A_CSPR = 10**9
# of "2027-01-06+02:00" the standard library would take the zone for a time
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?", re.A)
_AMOUNTS = {"amount_motes": 1, "amount_cspr": _MOTES_A_CSPR}


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong in a line of a file; the first line is 1."""

    line: int
    message: str


def parse_schedule(text: str) -> tuple[list[Step], list[LineError]]:
    """Steps of a file with the columns `date`, `amount_motes` or `amount_cspr`, and `note` if any.

    Dates are ISO 8601, UTC where they name no zone. Every line that is wrong is told.
    """
    if len(text) > MOST_CHARACTERS:
        return [], [LineError(1, f"longer than {MOST_CHARACTERS} characters")]
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    steps: list[Step] = []
    errors: list[LineError] = []
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        fault = _header_fault(names)
        if fault is not None:
            return [], [LineError(1, fault)]
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _take(cells, names, reader.line_num, steps, errors)
    except csv.Error as error:
        errors.append(LineError(reader.line_num, str(error)))
    return steps, errors


def _header_fault(names: list[str]) -> str | None:
    amounts = [name for name in names if name in _AMOUNTS]
    strange = set(names) - {"date", "note", *_AMOUNTS}
    if strange or len(set(names)) < len(names) or "date" not in names or len(amounts) != 1:
        return "the columns are date, amount_motes or amount_cspr, and note if any"
    return None


def _take(
    cells: list[str], names: list[str], line: int, steps: list[Step], errors: list[LineError]
) -> None:
    try:
        step = _step(cells, names)
        if any(step.date == other.date for other in steps):
            raise ValueError(f"a second step at {step.date.isoformat()}")
        if len(steps) == MOST_STEPS:
            raise ValueError(f"more than {MOST_STEPS} steps")
        steps.append(step)
    except ValueError as error:
        errors.append(LineError(line, str(error)))


def _step(cells: list[str], names: list[str]) -> Step:
    if len(cells) != len(names):
        raise ValueError(f"{len(cells)} cells, the header has {len(names)}")
    values = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    unit = next(name for name in names if name in _AMOUNTS)
    return Step(_date(values["date"]), _motes(values[unit], unit), values.get("note") or None)


def _date(text: str) -> datetime:
    try:
        if _DATE.fullmatch(text) is None:
            raise ValueError(text)
        date = datetime.fromisoformat(text)
        return date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"date {text[:40]!r} is not such as 2021-06-29T15:00:39Z") from None


def _motes(text: str, unit: str) -> int:
    """Exact: more decimals than motes have, signs and exponents are refused."""
    plain = text.isascii() and text.replace(".", "", 1).isdigit() and len(text) <= 48
    try:
        amount = Decimal(text) if plain else None
    except InvalidOperation:
        amount = None
    if amount is None:
        raise ValueError(f"{unit} {text[:40]!r} is not a plain number, 0 or more")
    numerator, denominator = amount.as_integer_ratio()
    motes, rest = divmod(numerator * _AMOUNTS[unit], denominator)
    if rest:
        raise ValueError(f"{unit} {text[:40]} is not a whole number of motes")
    if motes >= 10**38:
        raise ValueError(f"{unit} {text[:40]} is more than the database holds")
    return motes
