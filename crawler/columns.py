"""Column types whose values are the same on MySQL, MariaDB and SQLite: motes, UTC times, hex."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BINARY, VARBINARY, DateTime, Integer, LargeBinary, Numeric, String
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

_DIGITS = 38
_LIMIT = 10**_DIGITS


def motes_to_text(motes: int) -> str:
    """38 digits with leading zeros, so that text sorts and compares as the numbers do.

    A negative amount is "-" and its complement: "-" sorts before every digit.
    """
    if not -_LIMIT < motes < _LIMIT:
        raise ValueError(f"{motes} motes do not fit {_DIGITS} digits")
    return f"{motes:0{_DIGITS}d}" if motes >= 0 else f"-{_LIMIT + motes:0{_DIGITS}d}"


def motes_from_text(text: str) -> int:
    """The inverse of `motes_to_text`."""
    return int(text[1:]) - _LIMIT if text.startswith("-") else int(text)


class Motes(TypeDecorator[int]):
    """An exact whole number of motes: DECIMAL(38,0), on SQLite text (its numbers lose motes)."""

    impl = Numeric
    cache_ok = True

    def __repr__(self) -> str:
        return "Motes()"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(_DIGITS + 1))
        return dialect.type_descriptor(Numeric(_DIGITS, 0))

    def bind_processor(self, dialect: Dialect) -> Callable[[int | None], Any]:
        convert: Callable[[int], Any] = motes_to_text if dialect.name == "sqlite" else int
        return lambda value: None if value is None else convert(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], int | None]:
        convert: Callable[[Any], int] = motes_from_text if dialect.name == "sqlite" else int
        return lambda value: None if value is None else convert(value)


class motes_sum(FunctionElement[int]):  # noqa: N801 (SQL functions are lower case)
    """Exact sum of a Motes column; 0 over no rows. SQLite's own SUM would turn into a float."""

    type = Motes()
    inherit_cache = True


@compiles(motes_sum)
def _sum(element: motes_sum, compiler: SQLCompiler, **options: Any) -> str:
    return f"COALESCE(SUM({compiler.process(element.clauses, **options)}), 0)"


@compiles(motes_sum, "sqlite")
def _sum_on_sqlite(element: motes_sum, compiler: SQLCompiler, **options: Any) -> str:
    total = f"motes_sum({compiler.process(element.clauses, **options)})"
    return f"COALESCE({total}, '{motes_to_text(0)}')"


class MotesSum:
    """The aggregate that `database.engine` registers on every SQLite connection."""

    def __init__(self) -> None:
        self._total = 0

    def step(self, text: str | None) -> None:
        if text is not None:
            self._total += motes_from_text(text)

    def finalize(self) -> str:
        return motes_to_text(self._total)


class Exact(TypeDecorator[Decimal]):
    """A decimal number kept as it is; on SQLite as text, since its numbers are floats."""

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        self.precision = precision
        self.scale = scale
        super().__init__(precision, scale)

    def __repr__(self) -> str:
        return f"Exact({self.precision}, {self.scale})"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(self.precision + 2))
        return dialect.type_descriptor(Numeric(self.precision, self.scale))

    def bind_processor(self, dialect: Dialect) -> Callable[[Decimal | None], Any]:
        convert: Callable[[Decimal], Any] = str if dialect.name == "sqlite" else Decimal
        return lambda value: None if value is None else convert(value)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], Decimal | None]:
        return lambda value: None if value is None else Decimal(value)


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC to the millisecond, as the chain counts it. Takes and gives aware datetimes."""

    impl = DateTime
    cache_ok = True

    def __repr__(self) -> str:
        return "UtcTime()"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=3))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # servers differ in whether they round what a column cannot keep
        milliseconds = value.microsecond // 1000
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=1000 * milliseconds)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Hex(TypeDecorator[str]):
    """Lower-case hex in code, its bytes in the table: half the size, one spelling.

    `Hex(32)` is a digest of just that length, `Hex(34, exact=False)` a key of up to that many.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, length: int, *, exact: bool = True) -> None:
        self.length = length
        self.exact = exact
        super().__init__(length)

    def __repr__(self) -> str:
        return f"Hex({self.length})" if self.exact else f"Hex({self.length}, exact=False)"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(LargeBinary(self.length))
        kind = BINARY if self.exact else VARBINARY
        return dialect.type_descriptor(kind(self.length))

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], bytes | None]:
        return lambda value: None if value is None else bytes.fromhex(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:
        return lambda value: None if value is None else bytes(value).hex()


class Height(TypeDecorator[int]):
    """A block height, era id or count that may pass 2^31."""

    impl = Integer
    cache_ok = True

    def __repr__(self) -> str:
        return "Height()"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else mysql.BIGINT())
