"""Runs the migrations against the database that the settings name, or a given connection."""

from sqlalchemy import Connection
from sqlmodel import SQLModel

import crawler.models  # noqa: F401 (fills the metadata)
from alembic import context
from crawler.database import make_engine
from crawler.settings import CrawlerSettings, load_settings


def _render(kind: str, item: object, _autogenerate: object) -> str | bool:
    if kind == "type" and type(item).__module__ == "crawler.columns":
        return f"columns.{item!r}"
    return False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=_render,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    with make_engine(load_settings(CrawlerSettings)).connect() as own:
        _migrate(own)
        own.commit()
