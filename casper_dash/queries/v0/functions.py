"""SQL functions that are the same on MySQL, MariaDB and SQLite: whole CSPR, and folded text.

`register` them before a statement that may use one.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session

from crawler.columns import motes_from_text

MOTES_PER_CSPR = 10**9


class whole_cspr(FunctionElement[int]):  # noqa: N801 (SQL functions are lower case)
    """The sum of some Motes columns in whole CSPR, cut down; null counts as 0."""

    name = "whole_cspr"
    type = BigInteger()
    inherit_cache = True


class cspr_difference(FunctionElement[int]):  # noqa: N801
    """The first of two Motes columns less the second, in whole CSPR, cut down."""

    name = "cspr_difference"
    type = BigInteger()
    inherit_cache = True


class decimal_text(FunctionElement[str]):  # noqa: N801
    """An Exact column as text without trailing zeros."""

    name = "decimal_text"
    type = String()
    inherit_cache = True


class folded(FunctionElement[str]):  # noqa: N801
    """Text in lower case. SQLite's own LOWER knows ASCII only."""

    name = "folded"
    type = String()
    inherit_cache = True


@compiles(whole_cspr)
def _sum(element: whole_cspr, compiler: SQLCompiler, **options: Any) -> str:
    return _cut(" + ".join(_motes(element, compiler, options)))


@compiles(cspr_difference)
def _difference(element: cspr_difference, compiler: SQLCompiler, **options: Any) -> str:
    return _cut(" - ".join(_motes(element, compiler, options)))


def _motes(element: Any, compiler: SQLCompiler, options: dict[str, Any]) -> list[str]:
    return [f"COALESCE({compiler.process(each, **options)}, 0)" for each in element.clauses]


def _cut(motes: str) -> str:
    # DIV cuts towards zero; the quotient of `/` is rounded before FLOOR sees it
    share = f"{MOTES_PER_CSPR}"
    return f"((({motes}) DIV {share}) - (MOD({motes}, {share}) < 0))"


@compiles(decimal_text)
def _text(element: decimal_text, compiler: SQLCompiler, **options: Any) -> str:
    digits = f"CAST({compiler.process(element.clauses, **options)} AS CHAR)"
    return f"TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {digits}))"


@compiles(folded)
def _lower(element: folded, compiler: SQLCompiler, **options: Any) -> str:
    return f"LOWER({compiler.process(element.clauses, **options)})"


@compiles(whole_cspr, "sqlite")
@compiles(cspr_difference, "sqlite")
@compiles(decimal_text, "sqlite")
@compiles(folded, "sqlite")
def _registered(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"{element.name}({compiler.process(element.clauses, **options)})"


def register(session: Session) -> None:
    """Makes the functions known to the session's connection, where the server lacks them."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return
    driver: Any = connection.connection.dbapi_connection
    for name, (arguments, function) in _ON_SQLITE.items():
        driver.create_function(name, arguments, function, deterministic=True)


def _sum_of_texts(*texts: str | None) -> int:
    return sum(motes_from_text(text) for text in texts if text) // MOTES_PER_CSPR


def _difference_of_texts(more: str | None, less: str | None) -> int:
    return (motes_from_text(more or "0") - motes_from_text(less or "0")) // MOTES_PER_CSPR


def plain_digits(number: Decimal) -> str:
    """The number without exponent and trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_ON_SQLITE: dict[str, tuple[int, Callable[..., Any]]] = {
    "whole_cspr": (-1, _sum_of_texts),
    "cspr_difference": (2, _difference_of_texts),
    "decimal_text": (1, lambda text: None if text is None else plain_digits(Decimal(text))),
    "folded": (1, lambda text: None if text is None else text.lower()),
}
