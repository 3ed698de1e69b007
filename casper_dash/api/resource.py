"""A resource as it is declared: its fields, what can be asked of it, and how long answers hold.

Routes, checks, paging, CSV and documentation are made from the declaration alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from casper_dash.api.kinds import Field
from casper_dash.api.parameters import Parameter
from casper_dash.queries.paging import Page, Row


@dataclass(frozen=True)
class Rows:
    """Rows of a listing. No row can come in any more whose key is at most `settled_to`, and none
    of these changes; `settled` says so of the whole selection."""

    rows: Sequence[Row]
    settled_to: int = -1
    settled: bool = False


@dataclass(frozen=True)
class Found:
    """One row, and what `Cache-Control` says of it."""

    row: Row
    cache_control: str


@dataclass(frozen=True)
class Listing:
    """Many rows in the order of `key`: fields that no two rows share the values of.

    `select` gets an instance of `filter`, made of `parameters` by their keys, and of `within`,
    what stands in the path. `ceiling` is the key of the parameter that bounds the first field of
    `key` from above. `sorts` names other keys by the values of the parameter
    `sorted_by`; `descending` is the order that is not asked for.
    """

    summary: str
    parameters: tuple[Parameter, ...]
    filter: Callable[..., Any]
    select: Callable[[Session, Any, Page], Rows]
    key: tuple[str, ...]
    ceiling: str = ""
    within: Parameter | None = None
    descending: bool = True
    sorted_by: str = "sort"
    sorts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One row, found by what stands in the path, or the only one if nothing does.

    `find` gets the path's value; where `wanted` is given, instead of it an instance of that, made
    of the path's value and of the query's `parameters` by their keys. `wanted` raises
    WrongParameters if they do not go together.
    """

    summary: str
    find: Callable[[Session, Any, datetime], Found | None]
    parameter: Parameter | None = None
    parameters: tuple[Parameter, ...] = ()
    wanted: Callable[..., Any] | None = None


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
