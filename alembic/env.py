"""Runs the migrations against the database that the settings name, or a given connection."""

from typing import Any

from alembic.autogenerate.rewriter import Rewriter
from alembic.ddl.mysql import MySQLImpl
from alembic.operations.ops import CreateIndexOp, CreateTableOp
from sqlalchemy import Column, Connection, Index, Integer, MetaData, String, Table, inspect
from sqlmodel import SQLModel

import crawler.models  # noqa: F401 (fills the metadata)
from alembic import context
from crawler.database import make_engine
from crawler.settings import CrawlerSettings, load_settings

repeatable = Rewriter()
"""Generated migrations bear being repeated: see script.py.mako."""


@repeatable.rewrites(CreateTableOp)
@repeatable.rewrites(CreateIndexOp)
def _if_not_exists(_context: Any, _revision: Any, operation: Any) -> Any:
    operation.if_not_exists = True
    return operation


class ServerImpl(MySQLImpl):
    """Indexes are made where they are not there: MySQL has no clause for that, MariaDB has.

    The table of the revision takes one row: two that migrate a new database at once would each add
    their own.
    """

    __dialect__ = "mysql"

    def create_index(self, index: Index, **options: Any) -> None:
        passed_over = options.pop("if_not_exists", None) and self._has(index)
        if not passed_over:
            super().create_index(index, **options)

    def version_table_impl(self, *, version_table: str, **_options: Any) -> Table:
        row = Column("id", Integer, primary_key=True, autoincrement=False, server_default="0")
        number = Column("version_num", String(32), nullable=False)
        return Table(version_table, MetaData(), row, number)

    def _has(self, index: Index) -> bool:
        held = inspect(self.connection).get_indexes(index.table.name)
        return index.name in {each["name"] for each in held}


def _render(kind: str, item: object, _autogenerate: object) -> str | bool:
    if kind == "type" and type(item).__module__ == "crawler.columns":
        return f"columns.{item!r}"
    return False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=_render,
        process_revision_directives=repeatable,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    import casper_dash.models  # noqa: F401 (to generate from; a crawler needs no panel)

    with make_engine(load_settings(CrawlerSettings)).connect() as own:
        _migrate(own)
        own.commit()
