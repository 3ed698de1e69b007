import pytest
from sqlalchemy import text

from casper_dash.api.app import create_app
from crawler.schema import upgrade
from tests.casper_dash.api.clients import asking
from tests.databases import engine_of

pytestmark = pytest.mark.anyio

NOWHERE = "mysql+pymysql://nobody:secret@127.0.0.1:1/nothing"


@pytest.fixture
def fresh_engine(database_url):
    engine = engine_of(database_url)
    yield engine
    engine.dispose()


async def get(engine, network, path):
    async with asking(create_app(engine, network)) as client:
        return await client.get(path)


async def test_it_lives_whatever_the_database_does(network):
    engine = engine_of(NOWHERE)

    answer = await get(engine, network, "/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_it_is_ready_when_the_database_has_this_releases_schema(client):
    answer = await client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"


async def test_it_is_not_ready_without_the_schema(fresh_engine, network):
    answer = await get(fresh_engine, network, "/readyz")

    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("schema is at nothing, this release needs")


async def test_it_is_ready_with_the_schema_of_a_newer_release(fresh_engine, network):
    upgrade(fresh_engine)
    with fresh_engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of-tomorrow'"))

    assert (await get(fresh_engine, network, "/readyz")).status_code == 200


async def test_it_is_not_ready_while_the_database_is_away_and_tells_nobody_where_it_is(network):
    engine = engine_of(NOWHERE)

    answer = await get(engine, network, "/readyz")

    assert answer.status_code == 503
    assert answer.json()["detail"] == "the database cannot be reached"
    assert answer.headers["retry-after"] == "5"
