import pytest
from sqlalchemy import select

from casper_dash.queries.paging import Page, paged
from crawler.database import read_session, write_session
from crawler.models.figures import ERA_SUPPLY
from tests.factories import era_supply, store

KEY = [ERA_SUPPLY.publication, ERA_SUPPLY.era_id]


@pytest.mark.parametrize("descending", [True, False])
def test_pages_of_a_key_of_two_columns_neither_skip_nor_repeat(engine, descending):
    keys = [(publication, era_id) for publication in range(3) for era_id in range(4)]
    with write_session(engine) as session:
        store(session, supplies=[era_supply(e, publication=p) for p, e in keys])

    read, start = [], None
    with read_session(engine) as session:
        while page := session.execute(paged(select(*KEY), KEY, Page(5, descending, start))).all():
            read += [tuple(row) for row in page]
            start = read[-1]

    assert read == sorted(keys, reverse=descending)
