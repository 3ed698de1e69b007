"""SQL about times that MariaDB, MySQL and SQLite each write in their own way."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from crawler.columns import UtcTime


class nearest_hour(FunctionElement[datetime]):  # noqa: N801 (SQL functions are lower case)
    """The full hour nearest to a time, of two the earlier: crawler.feeds.reward_usd.price_hour."""

    type = UtcTime()
    inherit_cache = True


@compiles(nearest_hour)
def _nearest_hour(element: nearest_hour, compiler: SQLCompiler, **options: Any) -> str:
    time = compiler.process(element.clauses, **options)
    later = f"{time} + INTERVAL 1799999000 MICROSECOND"
    return f"CAST(DATE_FORMAT({later}, '%%Y-%%m-%%d %%H:00:00') AS DATETIME(3))"


@compiles(nearest_hour, "sqlite")
def _nearest_hour_on_sqlite(element: nearest_hour, compiler: SQLCompiler, **options: Any) -> str:
    time = compiler.process(element.clauses, **options)
    return f"strftime('%Y-%m-%d %H:00:00.000000', {time}, '+1799.999 seconds')"


class seconds_between(FunctionElement[float]):  # noqa: N801
    """Seconds from one time to another."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between)
def _seconds_between(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:
    return f"(TIMESTAMPDIFF(MICROSECOND, {compiler.process(element.clauses, **options)}) / 1000000)"


@compiles(seconds_between, "sqlite")
def _seconds_between_on_sqlite(
    element: seconds_between, compiler: SQLCompiler, **options: Any
) -> str:
    first, last = (compiler.process(each, **options) for each in element.clauses)
    return f"((julianday({last}) - julianday({first})) * 86400)"
