"""The database's revision: brings it up to this release, or says that it is not there yet."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from alembic import command
from crawler.database import DatabaseUnusable, explain

_ROOT = Path(__file__).parent.parent


def upgrade(engine: Engine) -> None:
    """Runs the migrations that are missing. Raises DatabaseUnusable with the database's reason."""
    config = _config()
    try:
        if missing_revision(engine) is None:
            return
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except SQLAlchemyError as error:
        raise DatabaseUnusable(explain(error, engine)) from error


def missing_revision(engine: Engine) -> str | None:
    """Why this release cannot use the database's schema; None where it can.

    A revision that this release does not know comes from a newer one, whose migrations only add.
    Raises SQLAlchemyError while the database is away.
    """
    script = ScriptDirectory.from_config(_config())
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    head = script.get_current_head()
    known = {revision.revision for revision in script.walk_revisions()}
    if current == head or (current is not None and current not in known):
        return None
    return f"schema is at {current or 'nothing'}, this release needs {head}: run the migrations"


def require(engine: Engine) -> None:
    """Raises DatabaseUnusable unless this release can read what the database holds."""
    try:
        missing = missing_revision(engine)
    except SQLAlchemyError as error:
        raise DatabaseUnusable(explain(error, engine)) from error
    if missing is not None:
        raise DatabaseUnusable(missing)


def _config() -> Config:
    return Config(str(_ROOT / "alembic.ini"))
