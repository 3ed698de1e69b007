"""The database's revision: brings it up to this release, or says that it is not there yet."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from pymysql.constants import ER
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from alembic import command
from crawler.database import DatabaseUnusable, explain

_ROOT = Path(__file__).parent.parent
_ATTEMPTS = 100
"""More than there are tables and indexes to be in each other's way at."""
_MADE_ALREADY = (
    *((ER.TABLE_EXISTS_ERROR,), (ER.DUP_FIELDNAME,), (ER.DUP_KEYNAME,)),
    *((ER.DUP_ENTRY,), (ER.LOCK_DEADLOCK,)),
)
_REVISED_ALREADY = "Online migration expected to match one row"
"""What Alembic says where the revision is another than when it began."""


def upgrade(engine: Engine) -> None:
    """Runs the migrations that are missing. Raises DatabaseUnusable with the database's reason.

    Others may do so at the same time: what they have made meanwhile is passed over.
    """
    attempts = 0
    try:
        while missing_revision(engine) is not None:
            attempts += 1
            try:
                _migrate(engine)
            except (DBAPIError, CommandError) as error:
                if attempts == _ATTEMPTS or not _made_already(error):
                    raise
    except SQLAlchemyError as error:
        raise DatabaseUnusable(explain(error, engine)) from error


def _migrate(engine: Engine) -> None:
    config = _config()
    # SQLite lets one migrate after the other, and takes back what was cut off. On a server several
    # can do the same at once, and who comes second with a statement begins anew behind the first:
    # the revision is compared and set, and its table takes one row (see alembic/env.py)
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _made_already(error: DBAPIError | CommandError) -> bool:
    """Somebody else made the same table, index or revision a moment before."""
    if isinstance(error, CommandError):
        return str(error).startswith(_REVISED_ALREADY)
    return error.orig is not None and error.orig.args[:1] in _MADE_ALREADY


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
