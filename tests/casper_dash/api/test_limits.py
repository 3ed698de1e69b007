import pytest
from sqlalchemy import event, func, select

from casper_dash.api.database import Database
from casper_dash.api.limits import MAX_URL_LENGTH
from casper_dash.api.problems import TooSlow
from casper_dash.queries.network import crawl
from crawler.models.chain import Block
from crawler.models.table import table_of
from tests.factories import block

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/api/v1/blocks/{}", "/api/v1/blocks?proposer={}", "/{}"])
async def test_an_address_that_is_too_long_is_414(client, path):
    answer = await client.get(path.format("1" * MAX_URL_LENGTH))

    assert answer.status_code == 414
    assert answer.json()["detail"] == "path and query are at most 6000 characters long"


def work_for_ever(session):
    """Every block with every block with …: no database ends it by itself in time."""
    first, *others = [table_of(Block).alias(f"b{number}") for number in range(8)]
    product = first
    for other in others:
        product = product.join(other, other.c.height + 200 > first.c.height)
    return session.execute(select(func.count()).select_from(product)).scalar()


@pytest.fixture
def blocks(stored):
    stored(blocks=[block(height) for height in range(100)])


async def test_a_question_over_its_time_is_cancelled_in_the_database(engine, blocks):
    database = Database(engine, query_time_s=0.3)

    with pytest.raises(TooSlow) as raised:
        await database.ask(work_for_ever)

    assert raised.value.status == 503
    assert raised.value.headers == {"Retry-After": "5"}
    assert raised.value.detail == "this took the database more than 0.3 s: ask for less at a time"


async def test_the_next_question_on_that_connection_has_its_own_time(engine, blocks):
    database = Database(engine, query_time_s=0.3)
    with pytest.raises(TooSlow):
        await database.ask(work_for_ever)

    assert (await database.ask(crawl)).newest.height == 99


@pytest.mark.mysql
async def test_every_select_of_the_api_is_limited_and_no_other(migrated_mysql):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(migrated_mysql, "before_cursor_execute", note)
    try:
        await Database(migrated_mysql, query_time_s=2.5).ask(crawl)
        with migrated_mysql.connect() as connection:
            connection.execute(select(1))
    finally:
        event.remove(migrated_mysql, "before_cursor_execute", note)

    *asked, other = [statement for statement in statements if "SELECT" in statement]
    assert {each[:45] for each in asked} == {"SET STATEMENT max_statement_time=2.5 FOR SELE"}
    assert other == "SELECT 1"


async def test_the_limit_ends_with_the_question(migrated_sqlite):
    await Database(migrated_sqlite, query_time_s=0.01).ask(crawl)
    counted = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000)"

    with migrated_sqlite.connect() as connection:
        found = connection.exec_driver_sql(f"{counted} SELECT COUNT(*) FROM n").scalar()

    assert found == 300_000
