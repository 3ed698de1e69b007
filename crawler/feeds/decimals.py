"""Numbers of outside sources → what a decimal column keeps, the same on every database."""

from decimal import Context, Decimal
from typing import cast

from sqlmodel import SQLModel

from crawler.columns import Exact
from crawler.models.table import table_of

_WIDE = Context(prec=60)


def fitted(number: Decimal, model: type[SQLModel], column: str) -> Decimal:
    """The number rounded to the column's decimals. Raises ValueError if it does not fit there."""
    kind = cast(Exact, table_of(model).c[column].type)
    limit = Decimal(10) ** (kind.precision - kind.scale)
    if number.is_finite() and abs(number) < limit:
        rounded = number.quantize(Decimal(1).scaleb(-kind.scale), context=_WIDE)
        if abs(rounded) < limit:
            return rounded
    raise ValueError(f"{column}: {number} is no number below {limit:f}")
