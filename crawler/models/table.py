"""What all tables have in common, and short forms for their columns."""

from typing import Any, cast

from sqlalchemy import Table, inspect
from sqlmodel import Field, SQLModel

TEXT = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
"""The last table argument of every table: text compares byte by byte."""


def column(kind: Any, *, nullable: bool = False, default: Any = ...) -> Any:
    return Field(default=default, sa_type=kind, nullable=nullable)


def optional(kind: Any) -> Any:
    return Field(default=None, sa_type=kind, nullable=True)


def key(kind: Any) -> Any:
    # without autoincrement=False MySQL would number a single integer key itself
    return Field(primary_key=True, sa_type=kind, sa_column_kwargs={"autoincrement": False})


class Base(SQLModel):
    """A table of ours."""

    __table_args__: Any = TEXT


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model. Its `.c` holds the columns by name, for statements."""
    return cast(Table, inspect(model).local_table)
