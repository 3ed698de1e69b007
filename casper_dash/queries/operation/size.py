"""How large the database is."""

from sqlalchemy import text
from sqlmodel import Session


def database_bytes(session: Session) -> int:
    """On disk, indexes included; MySQL's own statistics, which may be some minutes old."""
    if session.get_bind().dialect.name == "sqlite":
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        return int(pages) * int(session.execute(text("PRAGMA page_size")).scalar_one())
    of_ours = text(
        "SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables"
        " WHERE table_schema = DATABASE()"
    )
    return int(session.execute(of_ours).scalar_one())
