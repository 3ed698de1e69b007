"""SQL dump → rows, as a stream: the CREATE TABLE and INSERT statements that mysqldump writes.

Other statements are passed over. Nothing in a dump is ever executed.
"""

import gzip
import re
import zlib
from collections.abc import Collection, Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import IO, cast

from crawler.staging.errors import OlderDataError

OlderRow = dict[str, str | None]
_PIECE = 1 << 20
_LONGEST = 64 << 20
"""Characters of one value, or of a statement that is no INSERT's rows."""
_AHEAD = 1 << 16
"""Characters that hold the beginning of any statement, up to its rows."""
_MOST_COLUMNS = 1000
_HEAD = re.compile(r"-- (?:MySQL|MariaDB) dump")
_END = "-- Dump completed"

_STRING = r"'(?:[^'\\]++|\\.|'')*+'"
_SPACE = re.compile(r"(?:\s++|--[^\n]*+\n|\#[^\n]*+\n|/\*.*?\*/)*+", re.DOTALL)
_INSERT = re.compile(
    r"(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s+`([^`]+)`\s*(\([^()']*\))?\s*VALUES\s*",
    re.IGNORECASE,
)
_CREATE = re.compile(r"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?`([^`]+)`", re.IGNORECASE)
_COLUMN = re.compile(r"^\s*`([^`]+)`", re.MULTILINE)
_NAME = re.compile(r"`([^`]+)`")
_STATEMENT = re.compile(
    rf"""(?:[^'"`;/\#-]++|{_STRING}|"(?:[^"\\]++|\\.)*+"|`[^`]*+`|/\*.*?\*/|--\s[^\n]*+\n
    |\#[^\n]*+\n|/(?!\*)|-(?!-\s))*+;""",
    re.DOTALL | re.VERBOSE,
)
_OPEN = re.compile(r"\s*\(")
_VALUE = re.compile(
    rf"\s*(?:_binary\s+)?(?:({_STRING})|(NULL)|([-+]?[0-9][-+.0-9eE]*)|0x([0-9a-fA-F]+))\s*([,)])",
    re.DOTALL,
)
_NEXT = re.compile(r"\s*([,;])")
_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPED = {"0": "\0", "n": "\n", "r": "\r", "t": "\t", "b": "\b", "Z": "\x1a"}


def read_dump(path: Path, tables: Collection[str]) -> Iterator[tuple[str, OlderRow]]:
    """(table, row) in the dump's order, of these tables; values are text, NULL is None.

    Raises OlderDataError when the file cannot be read, is cut off or is no dump.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            plain = cast(IO[bytes], gzip.GzipFile(fileobj=raw) if packed else raw)
            with TextIOWrapper(plain, encoding="utf-8", newline="") as text:
                yield from _Reader(text, str(path), tables).rows()
    except UnicodeDecodeError as error:
        raise OlderDataError(f"{path}: not UTF-8 text") from error
    except (OSError, EOFError, zlib.error) as error:
        raise OlderDataError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


class _Reader:
    """Walks through a dump, of which it holds only the piece it is at."""

    def __init__(self, text: TextIOWrapper, name: str, tables: Collection[str]) -> None:
        self._file = text
        self._name = name
        # servers on case-insensitive file systems write names in lower case
        self._tables = {table.lower(): table for table in tables}
        self._columns: dict[str, list[str]] = {}
        self._text = ""
        self._at = 0
        self._ended = False
        self._tail = ""

    def rows(self) -> Iterator[tuple[str, OlderRow]]:
        """Every row of the tables that are asked for."""
        self._look_ahead()
        promises_an_end = _HEAD.search(self._text[:_AHEAD]) is not None
        while self._to_statement():
            if found := _CREATE.match(self._text, self._at):
                self._columns[found[1].lower()] = _COLUMN.findall(self._take(_STATEMENT)[0])
                continue
            found = _INSERT.match(self._text, self._at)
            if found is None or found[1].lower() not in self._tables:
                self._take(_STATEMENT)
                continue
            self._at = found.end()
            yield from self._inserted(found[1], found[2])
        if promises_an_end and _END not in self._tail:
            raise self._error("cut off: it does not say that it was completed")

    def _inserted(self, table: str, listed: str | None) -> Iterator[tuple[str, OlderRow]]:
        columns = _NAME.findall(listed) if listed else self._columns.get(table.lower())
        if not columns:
            raise self._error(f"rows of table {table} come before its columns")
        name, end = self._tables[table.lower()], ","
        while end == ",":
            self._take(_OPEN)
            values = self._values()
            if len(values) != len(columns):
                raise self._error(f"table {table}: {len(values)} values for {len(columns)} columns")
            yield name, dict(zip(columns, values, strict=True))
            end = self._take(_NEXT)[1]

    def _values(self) -> list[str | None]:
        values, end = [], ","
        while end == ",":
            text, null, number, digits, end = self._take(_VALUE).groups()
            values.append(None if null else number or _unquoted(text, digits))
            if len(values) > _MOST_COLUMNS:
                raise self._error("a row of too many values")
        return values

    def _to_statement(self) -> bool:
        """Steps over space and comments; False at the end of the file."""
        while True:
            self._look_ahead()
            found = _SPACE.match(self._text, self._at)
            if found is None or found.end() == self._at:
                return self._at < len(self._text)
            self._at = found.end()

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """What comes next; reads on while it is not whole."""
        while True:
            found = pattern.match(self._text, self._at)
            if found is not None:
                self._at = found.end()
                return found
            if self._ended:
                raise self._error("cut off, or no SQL dump")
            if len(self._text) - self._at > _LONGEST:
                raise self._error("no SQL dump, or a longer value than there can be")
            self._more()

    def _look_ahead(self) -> None:
        while len(self._text) - self._at < _AHEAD and not self._ended:
            self._more()

    def _more(self) -> None:
        held = self._text[self._at :]
        piece = self._file.read(max(_PIECE, len(held)))
        self._tail = (self._tail + piece)[-_AHEAD:]
        # a last comment may lack its line's end
        self._text = held + (piece or "\n")
        self._at = 0
        self._ended = not piece

    def _error(self, problem: str) -> OlderDataError:
        return OlderDataError(f"{self._name}: {problem}")


def _unquoted(text: str | None, digits: str | None) -> str:
    if text is None:
        return bytes.fromhex(digits or "").decode()
    inner = text[1:-1]
    if "\\" not in inner and "'" not in inner:
        return inner
    return _ESCAPE.sub(lambda found: _unescaped(found[1]), inner)


def _unescaped(letter: str | None) -> str:
    return "'" if letter is None else _ESCAPED.get(letter, letter)
