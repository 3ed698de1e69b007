import anyio
import orjson
import pytest
from sqlalchemy import delete, update

from casper_dash.api.answers import Answer, Answers
from casper_dash.api.app import create_app
from casper_dash.api.caching import SETTLED, UNCHANGING, held_s
from casper_dash.api.database import Database
from casper_dash.api.listeners import BUFFERED_EVENTS, Event, Listeners, TooManyListeners
from casper_dash.api.places import MAX_LAG_S
from casper_dash.api.watch import POLL_S, Watch
from crawler.database import write_session
from crawler.models.chain import BLOCK, Block
from crawler.models.figures import DeriveState
from tests.casper_dash.api.clients import asking
from tests.databases import engine_of
from tests.factories import block, crawl_state, derive_state, era, era_supply, running_era

pytestmark = pytest.mark.anyio


def read(pieces):
    """(name, data) of each event in what was sent."""
    events = []
    for paragraph in b"".join(pieces).decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if line)
        if "event" in fields:
            events.append((fields["event"], orjson.loads(fields["data"])))
    return events


def summary(events):
    names = {"block": "height", "era": "id", "supply": "publication"}
    return [(name, data[names[name]]) for name, data in events]


@pytest.fixture
def watch(engine, clock):
    answers = Answers(max_bytes=10**6, now=clock().timestamp)
    return Watch(Database(engine), answers, Listeners(alive_s=30))


@pytest.fixture
def chain(stored):
    stored(
        blocks=[block(height) for height in range(25)],
        eras=[era(0), era(1), running_era(2, blocks=5)],
        supplies=[era_supply(0), era_supply(1)],
        crawl=[crawl_state(24)],
        derive=[derive_state()],
    )


def answer_held(watch, cache_control):
    return Answer(200, [], b"", watch.answers.now(), held_s(cache_control))


async def heard(watch, change):
    """Summaries of the events that `change` brings to a listener."""
    await watch.look()
    stream = watch.listeners.listen()
    await anext(stream)
    change()
    await watch.look()
    pieces = []
    with anyio.move_on_after(0.2):
        while True:
            pieces.append(await anext(stream))
    await stream.aclose()
    return summary(read(pieces))


async def test_a_newcomer_hears_the_newest_of_each_at_once(watch, chain, client):
    await watch.look()
    stream = watch.listeners.listen()

    events = read([await anext(stream)])

    await stream.aclose()
    assert events == [
        ("block", (await client.get("/api/v1/blocks/latest")).json()),
        ("era", (await client.get("/api/v1/eras/latest")).json()),
        ("supply", (await client.get("/api/v1/supply")).json()),
    ]


async def test_new_blocks_come_in_order(watch, chain, stored):
    def change():
        stored(blocks=[block(26), block(25)])

    assert await heard(watch, change) == [("block", 25), ("block", 26)]


async def test_of_many_new_blocks_the_newest_come(watch, chain, stored):
    def change():
        stored(blocks=[block(height) for height in range(25, 100)])

    assert await heard(watch, change) == [("block", height) for height in range(80, 100)]


async def test_a_complete_era_brings_itself_and_the_supply(watch, chain, stored, engine):
    def change():
        stored(eras=[era(3)])

    assert await heard(watch, change) == [("era", 3), ("supply", 0)]


async def test_a_publication_brings_era_and_supply(watch, chain, stored, engine):
    def change():
        stored(supplies=[era_supply(1, publication=1)])
        with write_session(engine) as session:
            session.execute(update(DeriveState).values(publication=1))

    assert await heard(watch, change) == [("era", 1), ("supply", 1)]


async def test_after_blocks_were_taken_back_the_newest_is_told_and_then_each_that_follows(
    watch, chain, stored, engine
):
    def take_back(above):
        with write_session(engine) as session:
            session.execute(delete(Block).where(BLOCK.height > above))

    assert await heard(watch, lambda: take_back(9)) == [("block", 9)]
    assert await heard(watch, lambda: stored(blocks=[block(10), block(11)])) == [
        ("block", 10),
        ("block", 11),
    ]
    assert await heard(watch, lambda: take_back(-1)) == []
    assert await heard(watch, lambda: stored(blocks=[block(0)])) == [("block", 0)]


async def test_after_blocks_were_taken_back_not_even_an_immutable_answer_is_kept(
    watch, chain, engine
):
    await watch.look()
    watch.answers.keep(("/api/v1/blocks/3", b"", b""), answer_held(watch, UNCHANGING))
    with write_session(engine) as session:
        session.execute(delete(Block).where(BLOCK.height > 2))

    await watch.look()

    assert watch.answers.size == 0


@pytest.fixture
def watch_with_a_replica(engine, clock):
    answers = Answers(max_bytes=10**6, now=clock().timestamp)
    return Watch(Database(engine, (engine,)), answers, Listeners(alive_s=30))


async def test_a_replica_that_is_behind_takes_no_block_back(watch_with_a_replica, chain, engine):
    watch = watch_with_a_replica

    async def newest():
        stream = watch.listeners.listen()
        ((_name, height), *_others) = summary(read([await anext(stream)]))
        await stream.aclose()
        return height

    await watch.look()
    with write_session(engine) as session:
        session.execute(delete(Block).where(BLOCK.height > 9))
    for _ in range(round(MAX_LAG_S / POLL_S)):
        await watch.look()
    assert await newest() == 24

    await watch.look()

    assert await newest() == 9


async def test_what_a_replica_behind_says_of_an_older_publication_is_not_kept(
    watch_with_a_replica, chain, engine
):
    watch = watch_with_a_replica
    await watch.look()
    with write_session(engine) as session:
        session.execute(update(DeriveState).values(publication=1))
    await watch.look()

    kept = []
    for _ in range(round(MAX_LAG_S / POLL_S) + 1):
        watch.answers.keep(("/api/v1/eras/1", b"", b""), answer_held(watch, SETTLED))
        await watch.look()
        kept.append(watch.answers.size > 0)

    assert kept == [False] * round(MAX_LAG_S / POLL_S) + [True]


async def test_while_nothing_is_new_nobody_hears_anything(watch, chain):
    assert await heard(watch, lambda: None) == []


async def test_however_many_listen_the_database_is_asked_once(watch, chain, stored, queries):
    await watch.look()
    streams = [watch.listeners.listen() for _ in range(1500)]
    for stream in streams:
        await anext(stream)
    queries.clear()

    await watch.look()

    assert len(queries) == 1
    stored(blocks=[block(25)])
    await watch.look()
    for stream in streams:
        assert summary(read([await anext(stream)])) == [("block", 25)]
        await stream.aclose()
    assert len(watch.listeners) == 0


async def test_who_does_not_read_is_let_go_and_the_others_go_on():
    listeners = Listeners()
    slow, quick = listeners.listen(), listeners.listen()
    await anext(slow)
    await anext(quick)

    for number in range(BUFFERED_EVENTS + 1):
        listeners.send([Event("block", b"%d" % number)])
        await anext(quick)

    assert len(listeners) == 1
    assert len([piece async for piece in slow]) == BUFFERED_EVENTS
    await quick.aclose()


async def test_a_silent_stream_is_kept_open_with_comments():
    stream = Listeners(alive_s=0.01).listen()
    await anext(stream)

    assert await anext(stream) == b": alive\n\n"
    await stream.aclose()


async def test_too_many_listeners_are_sent_away_for_a_while():
    listeners = Listeners(most=0)

    with pytest.raises(TooManyListeners):
        listeners.listen()


async def test_the_stream_is_neither_packed_nor_kept(engine, network, clock, chain):
    app = create_app(engine, network, clock=clock)
    headers = {}

    async with app.router.lifespan_context(app):
        with anyio.fail_after(5):
            await _first_piece(app, "/api/v1/events", headers)

    assert headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"x-accel-buffering"] == b"no"
    assert b"content-encoding" not in headers


async def _first_piece(app, path, headers):
    """Asks, and goes away when the first piece has come."""
    came = anyio.Event()

    async def receive():
        await came.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            headers.update(message["headers"])
        else:
            came.set()

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"accept-encoding", b"gzip")],
        "root_path": "",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("dash.test", 80),
    }
    await app(scope, receive, send)


async def test_head_of_the_stream_ends(client):
    answer = await client.head("/api/v1/events")

    assert (answer.status_code, answer.content) == (200, b"")


async def test_what_takes_no_event_stream_is_406(client):
    answer = await client.get("/api/v1/events", headers={"Accept": "application/json"})

    assert answer.status_code == 406


async def until(client, path, holds):
    """Asks again until it holds; the clock stands, so no answer grows old by itself."""
    with anyio.fail_after(5):
        while not holds(await client.get(path)):  # noqa: ASYNC110 (nothing tells of it)
            await anyio.sleep(0.05)


@pytest.mark.parametrize("path", ["/api/v1/blocks/latest", "/api/v1/blocks?limit=1"])
async def test_a_new_head_is_in_every_answer_as_soon_as_it_is_seen(
    engine, network, clock, chain, stored, path
):
    app = create_app(engine, network, clock=clock)
    async with app.router.lifespan_context(app), asking(app) as client:
        before = (await client.get(path)).content
        stored(blocks=[block(25)])

        await until(client, path, lambda answer: answer.content != before)


async def test_a_publication_is_in_every_answer_as_soon_as_it_is_seen(
    engine, network, clock, chain, stored
):
    app = create_app(engine, network, clock=clock)
    async with app.router.lifespan_context(app), asking(app) as client:
        await client.get("/api/v1/blocks/3")
        stored(supplies=[era_supply(1, publication=1)])
        assert (await client.get("/api/v1/eras/1")).json()["publication"] == 0
        with write_session(engine) as session:
            session.execute(update(DeriveState).values(publication=1))

        await until(client, "/api/v1/eras/1", lambda answer: answer.json()["publication"] == 1)


async def test_while_the_database_is_away_listeners_stay():
    away = Database(engine_of("mysql+pymysql://nobody@127.0.0.1:1/nothing"))
    watch = Watch(away, Answers(max_bytes=1, now=lambda: 0.0), Listeners())

    stream = watch.listeners.listen()
    await anext(stream)

    await watch.look()

    assert len(watch.listeners) == 1
    await stream.aclose()
