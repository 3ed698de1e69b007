"""Labels from CSV: previewed line by line, then all of them or none."""

import csv
import io
from dataclasses import dataclass

from sqlmodel import Session

from casper_dash.decisions.deed import Deed
from casper_dash.decisions.errors import Refused
from casper_dash.decisions.labels import (
    Labelled,
    LabelValues,
    checked_values,
    labels_of,
    set_label,
)
from casper_dash.decisions.schedule_csv import LineError
from crawler.parse.keys import account_hash, is_hash, is_public_key

MOST_LINES = 2000
MOST_CHARACTERS = 2_000_000
_COLUMNS = ("account", "name", "comment", "type", "source", "public")
_PUBLIC = {"": True, "yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class LabelLine:
    """What a line would change: `before` as it was when it was previewed."""

    line: int
    before: Labelled
    after: LabelValues

    @property
    def changes(self) -> bool:
        return self.before.values != self.after


@dataclass(frozen=True, slots=True)
class LabelPreview:
    """Nothing is imported while there are errors."""

    lines: tuple[LabelLine, ...]
    errors: tuple[LineError, ...]


def preview_labels(session: Session, text: str) -> LabelPreview:
    """What a file with the columns account, name, comment, type, source, public would change.

    An account is a public key or an account hash; every column but it may be left out.
    """
    wanted, errors = parse_labels(text)
    held = labels_of(session, sorted(account for _, account, _ in wanted))
    lines = tuple(LabelLine(line, held[account], values) for line, account, values in wanted)
    return LabelPreview(lines, tuple(errors))


def import_labels(session: Session, preview: LabelPreview, deed: Deed) -> int:
    """Saves what a preview showed; how many labels changed.

    Raises Conflict where one was changed since, Refused where a line is wrong: nothing is saved.
    """
    if preview.errors:
        first = preview.errors[0]
        raise Refused(f"line {first.line}: {first.message}")
    changed = [line for line in preview.lines if line.changes]
    for line in changed:
        before = line.before
        set_label(session, before.account_hash, line.after, deed, seen=before.version)
    return len(changed)


def parse_labels(text: str) -> tuple[list[tuple[int, str, LabelValues]], list[LineError]]:
    """Line, account hash and values of each line that is right; what is wrong in the others."""
    if len(text) > MOST_CHARACTERS:
        return [], [LineError(1, f"longer than {MOST_CHARACTERS} characters")]
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    found: list[tuple[int, str, LabelValues]] = []
    errors: list[LineError] = []
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        if "account" not in names or set(names) - set(_COLUMNS) or len(set(names)) < len(names):
            return [], [LineError(1, f"the columns are {', '.join(_COLUMNS)}")]
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _take(cells, names, reader.line_num, found, errors)
    except csv.Error as error:
        errors.append(LineError(reader.line_num, str(error)))
    return found, errors


def _take(
    cells: list[str],
    names: list[str],
    line: int,
    found: list[tuple[int, str, LabelValues]],
    errors: list[LineError],
) -> None:
    try:
        if len(cells) != len(names):
            raise Refused(f"{len(cells)} cells, the header has {len(names)}")
        values = dict(zip(names, (cell.strip() for cell in cells), strict=True))
        account = _account(values["account"])
        if any(account == other for _, other, _ in found):
            raise Refused("the account is named twice")
        if len(found) == MOST_LINES:
            raise Refused(f"more than {MOST_LINES} lines")
        found.append((line, account, _values(values)))
    except Refused as error:
        errors.append(LineError(line, str(error)))


def _account(text: str) -> str:
    word = text.lower().removeprefix("account-hash-")
    if is_public_key(word):
        return account_hash(word)
    if not is_hash(word):
        raise Refused(f"{text[:80]!r} is neither a public key nor an account hash")
    return word


def _values(values: dict[str, str]) -> LabelValues:
    public = _PUBLIC.get(values.get("public", "").lower())
    if public is None:
        raise Refused("public is yes or no")
    return checked_values(
        LabelValues(
            values.get("name"),
            values.get("comment"),
            values.get("type"),
            values.get("source"),
            public,
        )
    )
