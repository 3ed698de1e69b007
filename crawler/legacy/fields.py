"""Values of an older row, read by type: what does not fit is refused by table, row and column."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from crawler.legacy.dump import OlderRow
from crawler.parse.keys import is_hash, is_public_key
from crawler.staging.errors import OlderDataError

_LARGEST = 2**63 - 1
_ACCOUNT = "account-hash-"
_UREF = "uref-"


class Fields:
    """One row; `zone` is what its `timestamp` columns are ahead of UTC."""

    def __init__(self, table: str, row: OlderRow, zone: timedelta) -> None:
        self._table = table
        self._row = row
        self._zone = zone

    def whole(self, column: str, most: int = _LARGEST) -> int:
        """A number from 0 to `most`."""
        number = self.optional(column, most)
        if number is None:
            raise self.error(column, "is missing")
        return number

    def optional(self, column: str, most: int = _LARGEST) -> int | None:
        """The same, or None."""
        text = self._row.get(column)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 40 and int(text) <= most):
            raise self.error(column, f"{text[:50]!r} is no whole number up to {most}")
        return int(text)

    def motes(self, column: str) -> int:
        """An exact amount."""
        return self.whole(column, 10**38 - 1)

    def decimal(self, column: str, least: int, most: int) -> Decimal:
        """A number in a range; floats are written with a few digits."""
        text = self.text(column)
        try:
            value = Decimal(text)
        except InvalidOperation as error:
            raise self.error(column, f"{text[:50]!r} is no number") from error
        if not (value.is_finite() and least <= value <= most):
            raise self.error(column, f"{text[:50]!r} is not between {least} and {most}")
        return value

    def flag(self, column: str) -> bool:
        """False where it is null."""
        return bool(self.optional(column, 1))

    def text(self, column: str) -> str:
        """Trimmed; empty where it is null."""
        return (self._row.get(column) or "").strip()

    def hash(self, column: str) -> str:
        """64 lower-case hex digits."""
        text = self.text(column).lower().removeprefix(_ACCOUNT)
        if not is_hash(text):
            raise self.error(column, f"{text[:70]!r} is no hash")
        return text

    def public_key(self, column: str) -> str:
        """Lower-case hex with its algorithm tag."""
        text = self.text(column).lower()
        if not is_public_key(text):
            raise self.error(column, f"{text[:70]!r} is no public key")
        return text

    def party(self, column: str) -> str:
        """account-hash-…, or a purse's uref-… without access rights."""
        text = self.text(column).lower()
        for prefix in (_ACCOUNT, _UREF):
            digits = text.removeprefix(prefix)[:64]
            if text.startswith(prefix) and is_hash(digits):
                return prefix + digits
        raise self.error(column, f"{text[:90]!r} is neither account-hash-… nor uref-…")

    def server_time(self, column: str) -> datetime:
        """A `timestamp` column, brought to UTC."""
        return self.utc_time(column) - self._zone

    def optional_server_time(self, column: str) -> datetime | None:
        """The same, or None."""
        return None if self._row.get(column) is None else self.server_time(column)

    def utc_time(self, column: str) -> datetime:
        """A `datetime` column."""
        text = self.text(column)
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError as error:
            raise self.error(column, f"{text[:50]!r} is no time") from error

    def error(self, column: str, problem: str) -> OlderDataError:
        """Names table, row and column."""
        return OlderDataError(f"{self._table} row {self._row.get('id')}: {column} {problem}")
