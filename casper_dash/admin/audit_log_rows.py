"""Entries of the audit as rows, and what changed between before and after. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from casper_dash.admin.people_forms import text
from casper_dash.admin.state import Mistake
from casper_dash.admin.words import iso
from casper_dash.audit import Entry, Wanted

_SHOWN = 20
"""Changes of one entry; the export has all."""
_LENGTH = 300
_DEPTH = 4
_ABSENT = object()


@dataclass(frozen=True)
class Change:
    """A value that differs; "" where there is none on that side."""

    name: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class EntryRow:
    """An entry."""

    number: int = 0
    at: str = ""
    who: str = ""
    address: str = ""
    action: str = ""
    object: str = ""
    reason: str = ""
    changes: list[Change] = field(default_factory=list)
    more: int = 0
    """Changes beyond those shown."""
    digest: str = ""


def entry_row(entry: Entry, *, whole: bool) -> EntryRow:
    """A row; only a `whole` one has the address and the values, which can tell of people."""
    found = changes(entry.before, entry.after) if whole else []
    return EntryRow(
        number=entry.number,
        at=iso(entry.at),
        who=entry.actor_name,
        address=entry.address if whole else "",
        action=entry.action,
        object=entry.object,
        reason=entry.reason,
        changes=found[:_SHOWN],
        more=max(len(found) - _SHOWN, 0),
        digest=entry.digest,
    )


def changes(before: str | None, after: str | None) -> list[Change]:
    """What differs between two values of the audit, by the path to it, in order.

    Fields of objects are looked at one by one; lists are compared as a whole.
    """
    old, new = (_ABSENT if one is None else json.loads(one) for one in (before, after))
    return list(_differences("", old, new, _DEPTH))


def wanted(form: Any, *, whole: bool) -> Wanted:
    """The filter that a form asks for. Raises Mistake.

    Addresses and values are looked through for those alone who may see them.
    """
    return Wanted(
        actor=text(form, "actor"),
        action=text(form, "action"),
        object=text(form, "object"),
        since=_moment(text(form, "since")),
        until=_moment(text(form, "until")),
        address=text(form, "address") if whole else "",
        text=text(form, "text") if whole else "",
    )


def _moment(written: str) -> datetime | None:
    """UTC, as the browser's field for a time writes it."""
    if not written:
        return None
    try:
        return datetime.fromisoformat(written).replace(tzinfo=UTC)
    except ValueError:
        raise Mistake("A time is written 2026-11-24 13:05.") from None


def _differences(path: str, old: Any, new: Any, depth: int) -> Iterator[Change]:
    if _same(old, new):
        return
    sides = [each for each in (old, new) if each is not _ABSENT]
    if depth and sides and all(isinstance(each, dict) and each for each in sides):
        for name in sorted(set().union(*sides)):
            inner = f"{path}.{name}" if path else name
            yield from _differences(inner, _of(old, name), _of(new, name), depth - 1)
        return
    yield Change(_cut(path or "value"), _shown(old), _shown(new))


def _same(old: Any, new: Any) -> bool:
    if old is _ABSENT or new is _ABSENT:
        return old is new
    # not by ==: to Python 1 is True
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _of(value: Any, name: str) -> Any:
    return value.get(name, _ABSENT) if isinstance(value, dict) else _ABSENT


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return ""
    return _cut(
        value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    )


def _cut(text: str) -> str:
    if len(text) <= _LENGTH:
        return text
    return f"{text[:_LENGTH]}… ({len(text)} characters)"
