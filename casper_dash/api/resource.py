"""A resource as it is declared: its fields, what can be asked of it, and how long answers hold.

Routes, checks, paging, CSV and documentation are made from the declaration alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from casper_dash.api.kinds import Field
from casper_dash.api.parameters import Parameter
from casper_dash.queries.paging import Page, Row


@dataclass(frozen=True)
class Rows:
    """Rows of a listing. No row can come in any more whose key is at most `settled_to`, and none
    of these changes: -1 where that is not known."""

    rows: Sequence[Row]
    settled_to: int = -1


@dataclass(frozen=True)
class Found:
    """One row, and what `Cache-Control` says of it."""

    row: Row
    cache_control: str


@dataclass(frozen=True)
class Listing:
    """Many rows in the order of `key`: fields that no two rows share the values of.

    `select` gets an instance of `filter`, made of `parameters` by their keys. `ceiling` is the
    key of the parameter that bounds the first field of `key` from above.
    """

    summary: str
    parameters: tuple[Parameter, ...]
    filter: Callable[..., Any]
    select: Callable[[Session, Any, Page], Rows]
    key: tuple[str, ...]
    ceiling: str


@dataclass(frozen=True)
class Item:
    """One row, found by what stands in the path, or the only one if nothing does."""

    summary: str
    find: Callable[[Session, Any, datetime], Found | None]
    parameter: Parameter | None = None


@dataclass(frozen=True)
class Resource:
    """What `/api/v1/{plural or name}` and the paths below it answer."""

    name: str
    path: str
    description: str
    fields: tuple[Field, ...]
    listing: Listing | None = None
    item: Item | None = None

    @property
    def item_path(self) -> str:
        """Where one row is found."""
        parameter = self.item.parameter if self.item else None
        return f"{self.path}/{{{parameter.name}}}" if parameter else self.path
