from datetime import timedelta

import anyio
import pytest
from sqlalchemy import text

from casper_dash.api.app import create_app
from casper_dash.api.database import Database
from casper_dash.api.operation import Operation
from casper_dash.api.places import Places
from casper_dash.api.problems import DatabaseAway
from casper_dash.api.v1 import resources
from casper_dash.api.v1.others import OTHERS_DESCRIBED
from casper_dash.queries.blocks import newest_block
from crawler.database import write_session
from crawler.schema import upgrade
from tests.casper_dash.api.clients import asking
from tests.casper_dash.api.rows import ALICE
from tests.databases import engine_of, on_server, server_database
from tests.factories import VALIDATORS, block, crawl_state, derive_state, era, store

pytestmark = pytest.mark.anyio

NOWHERE = "mysql+pymysql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def database_at(tmp_path):
    """Makes databases whose newest block and whose crawl's stamp are given."""
    engines = []

    def make(name, height, seen_s):
        engine = engine_of(f"sqlite:///{tmp_path / name}.db")
        engines.append(engine)
        upgrade(engine)
        seen_at = block(0)["timestamp"] + timedelta(seconds=seen_s)
        with write_session(engine) as session:
            store(
                session,
                blocks=[block(height)],
                crawl=[crawl_state(height, head_seen_at=seen_at)],
                derive=[derive_state()],
            )
        return engine

    yield make
    for engine in engines:
        engine.dispose()


async def look(database):
    for place in (database.places.source, *database.places.replicas):
        await database.places.look(place)


async def heights(database, times=4):
    return [(await database.ask(newest_block))["height"] for _ in range(times)]


async def test_replicas_that_keep_up_are_read_in_turn_and_the_source_is_spared(database_at):
    source = database_at("source", 3, 9)
    database = Database(source, [database_at("a", 1, 0), database_at("b", 2, 8)])
    await look(database)

    assert sorted(await heights(database)) == [1, 1, 2, 2]


async def test_until_they_have_been_looked_at_the_source_is_read(database_at):
    database = Database(database_at("source", 3, 0), [database_at("a", 1, 0)])

    assert await heights(database) == [3] * 4


async def test_a_replica_that_lags_is_left_out_until_it_has_caught_up(database_at):
    lagging = database_at("a", 1, 0)
    database = Database(database_at("source", 3, 60), [lagging])
    await look(database)
    before = await heights(database, 1)
    with lagging.begin() as connection:
        connection.execute(text("UPDATE crawl_state SET head_seen_at = '2026-11-24 12:00:55.0'"))
    await look(database)

    assert (before, await heights(database, 1)) == ([3], [1])


async def test_lag_is_told_even_by_the_replicas_alone_while_the_source_is_away(database_at):
    database = Database(engine_of(NOWHERE), [database_at("a", 1, 0), database_at("b", 2, 60)])
    await look(database)

    assert await heights(database) == [2] * 4


async def test_a_replica_that_dies_costs_no_answer(database_at):
    dying = database_at("a", 1, 0)
    database = Database(database_at("source", 3, 0), [dying])
    await look(database)
    with dying.begin() as connection:
        connection.execute(text("ALTER TABLE block RENAME TO gone"))

    assert await heights(database) == [3] * 4
    assert len(database.places.usable()) == 1


async def test_a_replica_is_read_again_once_it_is_back(database_at):
    replica = database_at("a", 1, 0)
    database = Database(database_at("source", 3, 0), [replica])
    with replica.begin() as connection:
        connection.execute(text("ALTER TABLE crawl_state RENAME TO gone"))
    await look(database)
    before = await heights(database, 1)
    with replica.begin() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO crawl_state"))
    await look(database)

    assert (before, await heights(database, 1)) == ([3], [1])


async def test_a_replica_that_has_not_answered_for_long_is_not_trusted(database_at):
    now = [0.0]
    replica = database_at("a", 1, 0)
    places = Places(database_at("source", 3, 0), [replica], clock=lambda: now[0])
    await places.look(places.replicas[0])
    assert len(places.usable()) == 2

    now[0] += 5.1

    assert len(places.usable()) == 1


async def test_where_no_place_answers_the_database_is_away():
    database = Database(engine_of(NOWHERE), [engine_of(NOWHERE)])
    await look(database)

    with pytest.raises(DatabaseAway):
        await database.ask(newest_block)


async def test_readyz_says_of_each_replica_how_far_it_is(database_at, network):
    replicas = (database_at("a", 3, 57), database_at("b", 1, 0), engine_of(NOWHERE))
    operation = Operation(replicas=replicas)
    app = create_app(database_at("source", 3, 60), network, operation=operation)
    expected = {
        "status": "ok",
        "replicas": [
            {"name": "replica 1", "read": True, "lag_seconds": 3.0},
            {"name": "replica 2", "read": False, "lag_seconds": 60.0},
            {"name": "replica 3", "read": False, "lag_seconds": None},
        ],
    }
    async with app.router.lifespan_context(app), asking(app) as client:
        with anyio.fail_after(10):
            while (await client.get("/readyz")).json() != expected:  # noqa: ASYNC110
                await anyio.sleep(0.05)


async def test_an_answer_of_a_replica_is_as_old_as_its_rows(database_at, network, clock):
    operation = Operation(replicas=(database_at("a", 3, 53),))
    app = create_app(database_at("source", 3, 60), network, clock=clock, operation=operation)
    async with app.router.lifespan_context(app), asking(app) as client:
        with anyio.fail_after(5):
            while "age" not in (await client.get("/api/v1/blocks")).headers:
                clock.pass_time(2)
                await anyio.sleep(0.05)

        first = await client.get("/api/v1/blocks/3")
        clock.pass_time(5)
        held = await client.get("/api/v1/blocks/3")

    assert (first.headers["age"], held.headers["age"]) == ("7", "12")


async def test_an_answer_of_the_source_has_no_age(client, stored):
    stored(blocks=[block(0)])

    assert "age" not in (await client.get("/api/v1/blocks/0")).headers


@pytest.fixture
def reader():
    """An engine whose user may do nothing but SELECT, and one that may write."""
    with server_database() as url:
        name = url.rsplit("/", 1)[1]
        user = f"reader_{name[-8:]}"
        writer = engine_of(url)
        upgrade(writer)
        on_server(
            f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'secret'",
            f"GRANT SELECT ON {name}.* TO {user}@'127.0.0.1'",
        )
        engine = engine_of(f"mysql+pymysql://{user}:secret@127.0.0.1:3306/{name}")
        try:
            yield engine, writer
        finally:
            engine.dispose()
            writer.dispose()
            on_server(f"DROP USER {user}@'127.0.0.1'")


@pytest.mark.mysql
async def test_the_api_never_writes(reader, network):
    engine, writer = reader
    with write_session(writer) as session:
        store(session, blocks=[block(0)], eras=[era(0)], crawl=[crawl_state(0)])
    with pytest.raises(Exception, match="denied"), write_session(engine) as session:
        store(session, blocks=[block(1)])

    statuses = {}
    app = create_app(engine, network, operation=Operation(replicas=(engine,)))
    async with app.router.lifespan_context(app), asking(app) as client:
        for path in [*_paths(network), "/readyz"]:
            statuses[path] = (await client.get(path)).status_code

    assert {path for path, status in statuses.items() if status not in (200, 404)} == {
        "/api/v1/supply/circulating",
    }


def _paths(network):
    names = {
        "{block}": "0",
        "{era}": "0",
        "{account}": ALICE,
        "{public_key}": VALIDATORS[0],
        "{metric}": "staked",
        "{publication}": "0",
    }
    declared = resources(network)
    lists = [each.path for each in declared if each.listing]
    items = [each.item_path for each in declared if each.item]
    for path in [*lists, *items, *OTHERS_DESCRIBED]:
        query = {"/api/v1/search": "?q=0", "/api/v1/flow": "?era=0"}.get(path, "")
        if path != "/api/v1/events":  # which has no end
            for name, value in names.items():
                path = path.replace(name, value)
            yield path + query
