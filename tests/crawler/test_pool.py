"""Many nodes as one: which is asked, which rests, what is believed."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import msgspec
import pytest

from crawler.node.connection import AnswerTooLarge
from crawler.node.errors import (
    NodeBusy,
    NodeLacks,
    NodeRefused,
    NodeUnreachable,
    NodeUnreadable,
    NoNode,
)
from crawler.node.member import Wish
from crawler.node.pace import Pace
from crawler.node.pool import Pool
from crawler.node.rpc import Node
from crawler.parse.errors import ParseError
from crawler.parse.records import BlockReference
from tests.crawler.callers import FakeCaller

pytestmark = pytest.mark.anyio

A, B, C = "http://a/rpc", "http://b/rpc", "http://c/rpc"
Answers = Callable[[str, dict[str, Any]], httpx.Response]


def result(value: Any) -> httpx.Response:
    return httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "result": value})


def error(code: int, data: Any = None) -> httpx.Response:
    told = {"code": code, "message": "told so", "data": data}
    return httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "error": told})


def status(height: int, *, low: int = 0, chain: str = "casper-test", hash: str = "aa" * 32) -> Any:
    return {
        "chainspec_name": chain,
        "build_version": "2.0.4",
        "last_added_block_info": {
            "hash": hash,
            "timestamp": "2026-11-24T12:00:00.000Z",
            "era_id": 1,
            "height": height,
        },
        "available_block_range": {"low": low, "high": height},
    }


class FakeNodes:
    """A transport with a few nodes behind it; each answers its status, and `answer` otherwise."""

    def __init__(self, **statuses: Any) -> None:
        self.statuses = {f"http://{name}/rpc": told for name, told in statuses.items()}
        self.answers: dict[str, Callable[[], Any]] = {}
        self.asked: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if json.loads(request.content)["method"] == "info_get_status":
            told = self.statuses[url]
            return told if isinstance(told, httpx.Response) else result(told)
        self.asked.append(url)
        answer = self.answers.get(url, lambda: result(url))()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> FakeCaller:
        return FakeCaller(self)

    async def pool(self, *, concurrency: int = 64) -> Pool:
        pool = Pool(self.statuses, self.client(), chain="casper-test", concurrency=concurrency)
        await pool.refresh()
        return pool


def text(raw: msgspec.Raw) -> str | None:
    return msgspec.json.decode(raw)


async def ask(pool: Pool, height: int | None = 5) -> str:
    return await pool.ask("test", {}, text, height=height)


def one_node(answer: Any) -> Node:
    def respond(_request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Node(A, FakeCaller(respond))


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (ConnectionRefusedError("refused"), NodeUnreachable, "refused"),
        (ConnectionResetError(), NodeUnreachable, "ConnectionResetError"),
        (TimeoutError(), NodeUnreachable, "no whole answer in 10 s"),
        (ValueError("no address"), NodeUnreachable, "no address"),
        (AnswerTooLarge("answer over"), NodeUnreadable, "answer over"),
        (httpx.Response(503), NodeUnreachable, "HTTP status 503"),
        (httpx.Response(404), NodeUnreachable, "HTTP status 404"),
        (error(-32603), NodeUnreachable, "error -32603 told so"),
        (httpx.Response(429), NodeBusy, "429"),
        (error(-32001), NodeLacks, "error -32001 told so"),
        (error(-32012), NodeLacks, "error -32012"),
        (result(None), NodeLacks, "it has no answer to this yet"),
        (error(-32602), NodeRefused, "error -32602 told so"),
        (error(-32601), NodeRefused, "error -32601"),
        (httpx.Response(200, text="<html>"), NodeUnreadable, "JSON-RPC"),
        (
            httpx.Response(200, json={"jsonrpc": "2.0"}),
            NodeUnreadable,
            "expected `result` or `error`",
        ),
    ],
)
async def test_every_kind_of_fault_is_told_by_its_kind(answer: Any, kind: type, told: str):
    with pytest.raises(kind, match=r"^http://a/rpc: ") as caught:
        await one_node(answer).ask("test", {}, text)

    assert type(caught.value) is kind
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_an_answer_that_does_not_parse_is_unreadable():
    def refuse(_raw: msgspec.Raw) -> str:
        raise ParseError("test", "no such thing")

    with pytest.raises(NodeUnreadable, match="no such thing"):
        await one_node(result("x")).ask("test", {}, refuse)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3),
        ("nan", 1),
        (None, 1),
        ("0", 0.1),
        ("9999", 60),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1),
    ],
)
async def test_a_busy_node_is_left_alone_as_long_as_it_says(header: str | None, seconds: float):
    headers = {} if header is None else {"Retry-After": header}
    with pytest.raises(NodeBusy) as caught:
        await one_node(httpx.Response(429, headers=headers)).ask("test", {}, text)

    assert caught.value.retry_after_s == seconds


async def test_another_node_is_asked_while_one_is_busy():
    nodes = FakeNodes(a=status(9), b=status(9))
    nodes.answers[A] = lambda: httpx.Response(429, headers={"Retry-After": "60"})
    pool = await nodes.pool()

    assert {await ask(pool) for _ in range(20)} == {B}
    assert nodes.asked.count(A) <= 1


async def test_the_fastest_node_is_asked_most():
    nodes = FakeNodes(a=status(9), b=status(9))

    async def slow() -> httpx.Response:
        await asyncio.sleep(0.05)
        return result(A)

    nodes.answers[A] = slow
    pool = await nodes.pool()
    for _ in range(40):
        await ask(pool)

    assert nodes.asked.count(B) > 30


async def test_calls_in_flight_spread_over_the_nodes():
    nodes = FakeNodes(a=status(9), b=status(9))
    for url in (A, B):
        nodes.answers[url] = lambda: asyncio.sleep(0.01, result("x"))
    pool = await nodes.pool(concurrency=4)
    await asyncio.gather(*(ask(pool) for _ in range(40)))

    assert 10 <= nodes.asked.count(A) <= 30


async def test_no_more_calls_are_in_flight_than_allowed():
    nodes = FakeNodes(a=status(9), b=status(9))
    flying = most = 0

    async def answer() -> httpx.Response:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.002)
        flying -= 1
        return result("x")

    nodes.answers = {A: answer, B: answer}
    pool = await nodes.pool(concurrency=3)
    await asyncio.gather(*(ask(pool) for _ in range(30)))

    assert most == 3


async def test_a_failing_node_rests_and_is_asked_again():
    nodes = FakeNodes(a=status(9))
    failures = iter([ConnectionRefusedError("refused")])
    nodes.answers[A] = lambda: next(failures, result("back"))
    pool = await nodes.pool()

    assert await ask(pool) == "back"
    assert nodes.asked == [A, A]


async def test_one_outage_counts_once_however_many_calls_it_fails():
    nodes = FakeNodes(a=status(9))
    away = True

    async def answer() -> httpx.Response:
        await asyncio.sleep(0.01)
        if away:
            raise ConnectionRefusedError("refused")
        return result("back")

    nodes.answers[A] = answer
    pool = await nodes.pool()
    asking = asyncio.gather(*(ask(pool) for _ in range(50)))
    await asyncio.sleep(0.1)
    away = False

    async with asyncio.timeout(5):
        assert await asking == ["back"] * 50


async def test_a_lie_is_punished_with_quarantine_and_another_node_answers():
    nodes = FakeNodes(a=status(9), b=status(9))
    nodes.answers[A] = lambda: httpx.Response(200, text="garbage")
    nodes.answers[B] = lambda: asyncio.sleep(0.01, result(B))
    pool = await nodes.pool()

    assert await asyncio.gather(*(ask(pool) for _ in range(4))) == [B] * 4
    lies = nodes.asked.count(A)
    assert lies > 0
    assert {await ask(pool) for _ in range(10)} == {B}
    assert nodes.asked.count(A) == lies
    await pool.refresh()
    assert list(pool.problems()) == [A]


async def test_quarantine_ends_when_the_time_is_over_and_the_node_answers_again(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("crawler.node.member.QUARANTINE_S", 0.05)
    nodes = FakeNodes(a=status(9))
    pool = await nodes.pool()
    pool.quarantine(A, "lied")
    with pytest.raises(NoNode, match="http://a/rpc: lied"):
        await ask(pool)
    await asyncio.sleep(0.06)
    await pool.refresh()

    assert await ask(pool) == A


async def test_a_node_of_another_chain_is_never_asked():
    nodes = FakeNodes(a=status(9, chain="casper-other"), b=status(9))
    pool = await nodes.pool()

    assert {await ask(pool) for _ in range(10)} == {B}
    assert pool.problems() == {A: "follows the network 'casper-other', not 'casper-test'"}


async def test_a_node_is_asked_for_what_it_holds_only():
    nodes = FakeNodes(a=status(900, low=500), b=status(900))
    pool = await nodes.pool()

    assert {await ask(pool, 400) for _ in range(10)} == {B}
    assert A not in nodes.asked


async def test_a_height_that_no_node_holds_is_told_with_each_nodes_reason():
    nodes = FakeNodes(a=status(900, low=500), b=httpx.Response(502))
    pool = await nodes.pool()

    with pytest.raises(NoNode) as caught:
        await ask(pool, 400)
    assert str(caught.value) == (
        "no node answers test at 400: http://b/rpc: HTTP status 502;"
        " http://a/rpc: does not hold block 400"
    )


@pytest.mark.parametrize("code", [-32001, -32601])
async def test_what_one_node_lacks_or_refuses_another_is_asked_for(code: int):
    nodes = FakeNodes(a=status(9), b=status(9))
    nodes.answers[A] = lambda: error(code)
    pool = await nodes.pool()

    assert [await ask(pool) for _ in range(5)] == [B] * 5
    assert A not in pool.problems()


async def test_what_every_node_refuses_is_told_at_once():
    nodes = FakeNodes(a=status(9), b=status(9))
    nodes.answers = {A: lambda: error(-32602), B: lambda: error(-32001)}
    pool = await nodes.pool()

    with pytest.raises(NoNode, match=r"-32602 told so.*-32001|-32001.*-32602"):
        await ask(pool)
    assert len(nodes.asked) == 2


async def test_every_usable_node_is_asked_for_its_own_answer():
    nodes = FakeNodes(a=status(9), b=status(9), c=status(9, low=7))
    nodes.answers[A] = lambda: error(-32001)
    pool = await nodes.pool()

    assert await pool.ask_each("test", {}, text, height=5) == {B: B}


async def test_a_crash_of_our_own_parser_is_no_nodes_fault():
    def crash(_raw: msgspec.Raw) -> str:
        raise ZeroDivisionError

    nodes = FakeNodes(a=status(9))
    pool = await nodes.pool()
    with pytest.raises(ZeroDivisionError):
        await pool.ask_each("test", {}, crash, height=5)
    with pytest.raises(ZeroDivisionError):
        await pool.ask("test", {}, crash, height=5)


X, Y = "aa" * 32, "bb" * 32


@pytest.mark.parametrize(
    ("heads", "min_nodes", "trusted"),
    [
        ([(9, X)], 1, (9, X)),
        ([(9, X)], 2, None),
        ([], 1, None),
        ([(9, X), (12, Y)], 1, (12, Y)),
        ([(9, X), (12, Y)], 2, (9, X)),
        ([(9, X), (9, Y)], 2, None),
        ([(9, X), (9, Y), (9, X)], 2, (9, X)),
        ([(9, X), (9, Y), (8, Y)], 2, (8, Y)),
        ([(9, X), (9, Y), (10, X)], 3, None),
        ([(100, X), (99, Y), (5000, Y)], 1, (100, X)),
        ([(0, X), (0, X), (5000, Y), (5000, Y), (5000, Y)], 2, (5000, Y)),
    ],
)
async def test_the_head_is_what_enough_nodes_agree_on(
    heads: list[tuple[int, str]], min_nodes: int, trusted: tuple[int, str] | None
):
    told = {name: status(height, hash=hash) for name, (height, hash) in zip("abcde", heads)}  # noqa: B905
    pool = await FakeNodes(**told).pool()
    head = pool.trusted_head(min_nodes)

    assert (head and (head.height, head.hash)) == trusted
    if head is not None:
        assert head == BlockReference(
            head.height, head.hash, 1, datetime(2026, 11, 24, 12, tzinfo=UTC)
        )


async def test_a_node_that_fails_or_lied_has_no_say_in_the_head():
    nodes = FakeNodes(a=status(9), b=status(12), c=status(15))
    pool = await nodes.pool()
    nodes.statuses[C] = httpx.Response(503)
    await pool.refresh()
    pool.quarantine(B, "lied")

    assert pool.trusted_head(1).height == 9


async def test_after_an_outage_of_all_nodes_they_are_asked_again():
    nodes = FakeNodes(a=status(9), b=status(9))
    away = dict.fromkeys(nodes.statuses, httpx.Response(503))
    here, nodes.statuses = nodes.statuses, away
    pool = await nodes.pool()
    with pytest.raises(NoNode, match="HTTP status 503"):
        await ask(pool)
    nodes.statuses = here

    async with asyncio.timeout(5):
        while pool.trusted_head(2) is None:
            await asyncio.sleep(0.02)
            await pool.refresh()
    assert await ask(pool) in (A, B)


async def test_what_no_node_can_answer_readably_puts_none_in_quarantine():
    nodes = FakeNodes(a=status(9), b=status(9))
    pool = await nodes.pool()
    nodes.answers[A] = nodes.answers[B] = lambda: httpx.Response(200, text="<html>")

    with pytest.raises(NoNode, match="JSON-RPC"):
        await ask(pool)

    assert not any(member.quarantined for member in pool.members)


async def test_a_look_does_not_wait_for_a_slow_node():
    nodes = FakeNodes(a=status(9), b=status(9))
    pool = await nodes.pool()
    slow = asyncio.Event()

    async def late(_member: object) -> None:
        await slow.wait()

    asked = pool._refresh_one
    pool._refresh_one = lambda member: late(member) if member.node.url == A else asked(member)

    await asyncio.wait_for(pool.refresh(0.1), 5)

    assert pool.trusted_head(1).height == 9
    pool.close()


async def test_a_look_survives_that_a_node_is_dropped_that_it_is_asking():
    pool = await FakeNodes(a=status(9)).pool()
    asked = asyncio.Event()

    async def never(_member: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    ask_one = pool._refresh_one
    pool._refresh_one = lambda member: never(member) if member.node.url == B else ask_one(member)
    now = datetime.now(UTC)
    pool.obey([Wish(B, "add", "more", "Ana", now, address=B)], now)
    look = asyncio.create_task(pool.refresh())
    await asked.wait()

    pool.obey([], now)

    await asyncio.wait_for(look, 5)
    assert pool.trusted_head(1).height == 9


async def test_nodes_that_rest_for_a_moment_still_refute_a_head_far_above():
    nodes = FakeNodes(a=status(9), b=status(9), c=status(500_000))
    pool = await nodes.pool()
    for member in pool.members:
        if member.node.url in (A, B):
            member.rests_until = time.monotonic() + 60

    assert pool.trusted_head(1) is None


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a node does so until he is called."""
    monkeypatch.setattr("crawler.node.queue._LOOKS_AGAIN_S", 3600)


@pytest.mark.usefixtures("patient")
async def test_of_those_who_wait_only_they_are_woken_whose_node_has_room():
    nodes = FakeNodes(a=status(9), b=status(99))
    gates = {A: asyncio.Event(), B: asyncio.Event()}

    async def held_back(url: str) -> httpx.Response:
        await gates[url].wait()
        return result(url)

    nodes.answers = {url: partial(held_back, url) for url in gates}
    pool = await nodes.pool(concurrency=64)
    for member in pool.members:
        member.pace = Pace(1)
    pool.members[0].latency_s = 0.001  # a is asked first
    asked = [asyncio.create_task(ask(pool, height)) for height in (5, 5, 90, 90, 5)]
    await _until(lambda: len(pool._queue) == 3)  # two are asked

    async with asyncio.timeout(5):
        gates[A].set()
        # a holds no block 90: those who were there before must wait for b
        assert [await asked[0], await asked[4]] == [A, A]
        assert not any(asked[number].done() for number in (1, 2, 3))
        gates[B].set()
        assert [await asked[number] for number in (1, 2, 3)] == [B] * 3


@pytest.mark.usefixtures("patient")
async def test_a_question_that_waits_and_is_given_up_takes_nobodys_turn():
    nodes = FakeNodes(a=status(9))
    gate = asyncio.Event()

    async def held_back() -> httpx.Response:
        await gate.wait()
        return result(A)

    nodes.answers[A] = held_back
    pool = await nodes.pool()
    pool.members[0].pace = Pace(1)
    first, given_up, last = (asyncio.create_task(ask(pool)) for _ in range(3))
    await _until(lambda: len(pool._queue) == 2)

    given_up.cancel()
    gate.set()

    async with asyncio.timeout(5):
        assert [await first, await last] == [A, A]


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 (a state of the pool, no event)
            await asyncio.sleep(0)
