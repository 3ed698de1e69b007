"""The cache alone, in front of the smallest applications that show a rule."""

import anyio
import pytest
from starlette.responses import PlainTextResponse, StreamingResponse

from casper_dash.api.answers import Answers
from casper_dash.api.byte_cache import ByteCache
from tests.casper_dash.api.clients import asking

pytestmark = pytest.mark.anyio

HOLDS_10_S = {"Cache-Control": "public, max-age=10"}


class Counting:
    """Answers each path with how often it was asked anything."""

    def __init__(self, *, headers=HOLDS_10_S, status=200, size=0):
        self.asked = 0
        self.headers = headers
        self.status = status
        self.size = size

    async def __call__(self, scope, receive, send):
        self.asked += 1
        await anyio.lowlevel.checkpoint()
        text = str(self.asked) + "x" * self.size
        response = PlainTextResponse(text, status_code=self.status, headers=self.headers)
        await response(scope, receive, send)


class Time:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def time():
    return Time()


def cached(app, time, max_bytes=10**6):
    return ByteCache(app, answers=Answers(max_bytes=max_bytes, now=time), prefix="/api/")


async def text(client, path="/api/a", **options):
    return (await client.get(path, **options)).text


async def test_an_answer_holds_for_its_max_age_and_no_longer(time):
    async with asking(cached(Counting(), time)) as client:
        first = await text(client)
        time.now += 9.9
        within = await text(client)
        time.now += 0.1
        after = await text(client)

    assert (first, within, after) == ("1", "1", "2")


async def test_a_clock_that_is_set_back_keeps_nothing(time):
    async with asking(cached(Counting(), time)) as client:
        await text(client)
        time.now -= 3600

        assert await text(client) == "2"


@pytest.mark.parametrize(
    "app",
    [
        Counting(status=404),
        Counting(status=503),
        Counting(headers={"Cache-Control": "no-store"}),
        Counting(headers={}),
    ],
)
async def test_errors_and_what_may_not_be_stored_are_not(app, time):
    app.asked = 0
    cache = cached(app, time)
    async with asking(cache) as client:
        await text(client)

        assert await text(client) == "2"
    assert cache.answers.size == 0


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/api/b", {}), ("/api/a?x=1", {}), ("/api/a", {"Accept": "text/csv"})],
)
async def test_path_query_and_accept_tell_answers_apart(time, path, headers):
    async with asking(cached(Counting(), time)) as client:
        await text(client)

        assert await text(client, path, headers=headers) == "2"


async def test_other_paths_and_methods_go_past_it(time):
    async with asking(cached(Counting(), time)) as client:
        assert [await text(client, "/page"), await text(client, "/page")] == ["1", "2"]
        assert [(await client.post("/api/a")).text for _ in range(2)] == ["3", "4"]


async def test_many_who_ask_at_once_are_one_question(time):
    app = Counting()
    answers = []
    async with asking(cached(app, time)) as client, anyio.create_task_group() as tasks:

        async def ask():
            answers.append(await text(client))

        for _ in range(20):
            tasks.start_soon(ask)

    assert app.asked == 1
    assert answers == ["1"] * 20


async def test_when_the_first_who_asks_fails_the_others_are_answered_all_the_same(time):
    app = Counting(status=503)
    answers = []
    async with asking(cached(app, time)) as client, anyio.create_task_group() as tasks:

        async def ask():
            answers.append((await client.get("/api/a")).status_code)

        for _ in range(5):
            tasks.start_soon(ask)

    assert answers == [503] * 5


async def test_the_oldest_unused_answers_go_when_the_bytes_are_spent(time):
    cache = cached(Counting(size=1000), time, max_bytes=40_000)
    async with asking(cache) as client:
        await text(client, "/api/0")
        for number in range(1, 20):
            await text(client, f"/api/{number}")
            await text(client, "/api/0")

        assert (await text(client, "/api/0"))[0] == "1"
        assert not (await text(client, "/api/1")).startswith("2x")
    assert cache.answers.size <= 40_000


async def test_an_answer_too_large_for_its_share_is_not_kept(time):
    cache = cached(Counting(size=2000), time, max_bytes=20_000)
    async with asking(cache) as client:
        await text(client)

    assert cache.answers.size == 0


async def test_large_answers_are_packed_whole(time):
    async with asking(cached(Counting(size=200_000), time)) as client:
        answer = await client.get("/api/a", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == "1" + "x" * 200_000


async def test_nobody_waits_for_the_end_of_an_answer_in_pieces(time):
    go_on = anyio.Event()
    answered = []

    async def app(scope, receive, send):
        slow = not answered

        async def pieces():
            yield b"begin "
            if slow:
                await go_on.wait()
            yield b"end"

        await StreamingResponse(pieces())(scope, receive, send)

    async with asking(cached(app, time)) as client, anyio.create_task_group() as tasks:

        async def ask():
            answered.append(await text(client))
            go_on.set()

        tasks.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        answered.append("the first still waits")
        tasks.start_soon(ask)

    assert answered == ["the first still waits", "begin end", "begin end"]


async def test_head_sends_the_headers_of_get_and_no_byte_of_its_body(time):
    cache = cached(Counting(size=10), time)
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "HEAD", "path": "/api/a", "query_string": b"", "headers": []}
    await cache(scope, None, send)

    start, body = sent
    assert (b"content-length", b"11") in start["headers"]
    assert body["body"] == b""


async def test_what_was_asked_before_a_drop_and_is_answered_after_it_is_not_kept(time):
    answers = Answers(max_bytes=10**6, now=time)
    counting = Counting()

    async def app(scope, receive, send):
        time.now += 1
        answers.drop(held_s=1)
        await counting(scope, receive, send)

    async with asking(ByteCache(app, answers=answers, prefix="/api/")) as client:
        assert [await text(client), await text(client)] == ["1", "2"]


async def test_dropping_spares_what_holds_longer(time):
    lasting = Counting(headers={"Cache-Control": "public, max-age=60"})
    cache = cached(lasting, time)
    async with asking(cache) as client:
        await text(client)
        cache.answers.drop(held_s=59)
        spared = await text(client)
        cache.answers.drop(held_s=60)

        assert (spared, await text(client)) == ("1", "2")


async def test_without_room_every_question_is_asked(time):
    async with asking(cached(Counting(), time, max_bytes=0)) as client:
        assert [await text(client) for _ in range(3)] == ["1", "2", "3"]
