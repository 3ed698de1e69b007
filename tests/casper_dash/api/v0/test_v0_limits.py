import threading

import anyio
import pytest

from casper_dash.api.database import Database
from casper_dash.api.limits import MAX_URL_LENGTH
from casper_dash.api.problems import TooSlow
from casper_dash.api.v0.answers import text_answer
from casper_dash.api.v0.errors import Away, IncorrectQuery
from casper_dash.api.v0.query_string import MAX_LENGTH
from casper_dash.api.v0.question import Asker, Question
from tests.factories import GENESIS

pytestmark = pytest.mark.anyio

PATIENCE_S = 20


def asker(engine, **times):
    return Asker(Database(engine), lambda: GENESIS, **times)


def too_slow(_session, _now):
    raise TooSlow(5)


@pytest.mark.parametrize("costly", [True, False])
async def test_a_question_that_takes_too_long_is_refused_in_its_own_words(migrated_sqlite, costly):
    asked = asker(migrated_sqlite)

    with pytest.raises(IncorrectQuery):
        await asked.ask(Question(too_slow, costly=costly, refusal=IncorrectQuery))
    with pytest.raises(Away):
        await asked.ask(Question(too_slow, costly=costly))


async def test_two_costly_questions_run_at_a_time_others_pass_and_a_third_gives_up(
    migrated_sqlite,
):
    both_run, gate, running = threading.Event(), threading.Event(), []
    asked = asker(migrated_sqlite, wait_s=0.01)

    def wait(_session, _now):
        running.append(1)
        if len(running) == 2:
            both_run.set()
        gate.wait(PATIENCE_S)
        return text_answer("done", "no-store")

    async with anyio.create_task_group() as tasks:
        for _ in range(2):
            tasks.start_soon(asked.ask, Question(wait, costly=True))
        try:
            await anyio.to_thread.run_sync(both_run.wait, PATIENCE_S)
            with pytest.raises(Away):
                await asked.ask(Question(wait, costly=True))
            quick = await asked.ask(Question(lambda _session, _now: text_answer("", "no-store")))
        finally:
            gate.set()

    assert quick.status_code == 200
    again = await asked.ask(Question(lambda _s, _n: text_answer("again", ""), costly=True))
    assert again.body == b"again"


async def test_an_address_that_is_too_long_is_told_in_v0s_own_form(client):
    answer = await client.get(f"/api/v0/{'x' * MAX_LENGTH}")

    assert answer.status_code == 414
    assert answer.json()["error"] == {
        "statusCode": 414,
        "name": "UriTooLongError",
        "message": "Path and query are at most 16384 characters long.",
    }


async def test_a_filter_may_be_longer_than_any_address_of_version_1(client):
    heights = ",".join(["1"] * 2000)
    where = f'{{"where":{{"id":{{"inq":[{heights}]}}}}}}'

    answer = await client.get("/api/v0/era", params={"filter": where.ljust(MAX_URL_LENGTH)})

    assert (answer.status_code, answer.json()) == (200, [])
