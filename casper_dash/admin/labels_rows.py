"""What the page of labels shows, as text. Pure."""

from dataclasses import dataclass
from typing import Any

from casper_dash.admin.words import iso
from casper_dash.decisions.labels import Labelled, LabelValues
from casper_dash.decisions.labels_csv import LabelLine


@dataclass(frozen=True)
class LabelRow:
    """A label; "" where a value is not set."""

    account_hash: str = ""
    name: str = ""
    kind: str = ""
    source: str = ""
    comment: str = ""
    public: bool = True
    version: int = 0


@dataclass(frozen=True)
class ChangeRow:
    """What a line of a file would change."""

    line: int = 0
    account_hash: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class PastRow:
    """A version of a label."""

    version: int = 0
    words: str = ""
    by: str = ""
    at: str = ""
    reason: str = ""


def label_row(held: Labelled) -> LabelRow:
    """A label as it stands."""
    values = held.values
    return LabelRow(
        account_hash=held.account_hash,
        name=values.name or "",
        kind=values.kind or "",
        source=values.source or "",
        comment=values.comment or "",
        public=values.public,
        version=held.version,
    )


def change_row(line: LabelLine) -> ChangeRow:
    """A line that changes something."""
    before = line.before
    return ChangeRow(line.line, before.account_hash, words_of(before.values), words_of(line.after))


def past_row(row: Any) -> PastRow:
    """A version, with who, when and why."""
    values = LabelValues(row.name, row.comment, row.kind, row.source, row.public)
    return PastRow(row.version, words_of(values), row.by, iso(row.at), row.reason)


def words_of(values: LabelValues) -> str:
    """All that a label says in one line."""
    parts = (values.name, values.kind, values.source, values.comment)
    said = " · ".join(part for part in parts if part)
    return f"{said or 'no label'}{'' if values.public else ' (hidden from readers)'}"
