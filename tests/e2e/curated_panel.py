"""A small chain on the running panel, with transfers to decide on, for the pages of curators."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import insert
from sqlmodel import Session

from crawler.models.drafts import Curation
from crawler.network import load_network
from tests.casper_dash.decisions.curating import Desk, fill
from tests.databases import tables_of
from tests.e2e.panel_server import PanelServer
from tests.factories import block, crawl_state, store

HEAD = 111
_KEPT = {"person", "session"}
# numbers never fall in a database that lives; the panel's process outlives this test's
_NUMBERS = count(1000, 1000)


@contextmanager
def curated(panel: PanelServer) -> Iterator[Desk]:
    """Twelve eras, all held; nothing is left of it afterwards but people."""
    network = load_network("sandbox")
    fill(panel.engine, network)
    first = next(_NUMBERS)
    numbers = {"last_batch": first, "last_proposal": first, "last_schedule": 0}
    with Session(panel.engine) as session:
        seen_at = datetime.now(UTC) + timedelta(hours=1)
        store(
            session,
            blocks=[block(height) for height in range(HEAD + 1)],
            crawl=[crawl_state(HEAD, head_seen_at=seen_at)],
        )
        session.execute(insert(Curation).values(id=0, schedule_staged=False, **numbers))
        session.commit()
    yield Desk(panel.engine, network)
    with panel.engine.begin() as connection:
        for table in tables_of(panel.engine):
            if table.name not in _KEPT:
                connection.execute(table.delete())
