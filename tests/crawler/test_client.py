"""The HTTP client against servers of raw bytes: what it sends, what it bears, what it gives up."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.node import connection as connection_module
from crawler.node.client import Client, make_client
from crawler.node.connection import AnswerTooLarge, Connection, Reply
from crawler.node.room import NoRoom, Room

pytestmark = pytest.mark.anyio

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers each request with `answers`, in turn; the last one again and again."""

    def __init__(self, *answers: bytes, then_closes: bool = False) -> None:
        self.answers = list(answers)
        self.then_closes = then_closes
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()
        self.connections = 0
        self.closed = asyncio.Event()
        """The client has closed a connection."""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await _head(reader):
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
                self.requests.append(head + await reader.readexactly(length))
                self.asked.set()
                writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
                await writer.drain()
                if self.then_closes:
                    return
        finally:
            self.closed.set()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 (what closes it is not ours to make an event of)
            await asyncio.sleep(0.01)


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


@asynccontextmanager
async def serving(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The address of a server on a port of its own."""
    over: list[asyncio.Event] = []

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        over.append(ended := asyncio.Event())
        try:
            await serve(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()
            ended.set()

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}/rpc?key=a b"
    finally:
        server.close()
        await asyncio.gather(*(ended.wait() for ended in over))


def whole(body: bytes, head: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"%b\r\nContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


def exchange(server: Server, times: int = 1, timeout_s: float = 5) -> list[Reply]:
    async def post() -> list[Reply]:
        async with serving(server) as url, make_client(timeout_s, 2) as client:
            return [await client.post(url, b'{"a":1}') for _ in range(times)]

    return asyncio.run(post())


def test_a_call_is_one_post_with_all_that_a_node_needs():
    server = Server(whole(b"{}"))

    assert exchange(server) == [Reply(200, b"{}")]

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /rpc?key=a%20b HTTP/1.1"
    assert lines[1].startswith(b"Host: 127.0.0.1:")
    assert b"Content-Type: application/json" in lines
    assert b"Accept-Encoding: identity" in lines
    assert b"Content-Length: 7" in lines
    assert body == b'{"a":1}'


def test_calls_in_a_row_share_a_connection():
    server = Server(whole(b"1"), whole(b"2"), whole(b"3"))

    assert [reply.body for reply in exchange(server, times=3)] == [b"1", b"2", b"3"]
    assert server.connections == 1


@pytest.mark.parametrize(
    "goodbye", [b"Connection: close", b"Connection: Close"], ids=["close", "Close"]
)
def test_a_connection_that_the_node_ends_is_not_used_again(goodbye: bytes):
    server = Server(whole(b"1", b"HTTP/1.1 200 OK\r\n" + goodbye))

    assert [reply.body for reply in exchange(server, times=2)] == [b"1", b"1"]
    assert server.connections == 2


def test_a_kept_connection_that_the_node_closed_meanwhile_is_not_used():
    server = Server(whole(b"1"), then_closes=True)

    async def post() -> None:
        async with serving(server) as url, make_client(5, 2) as client:
            await client.post(url, b"{}")
            await _until(lambda: not client._targets[url].idle[0].usable)
            assert (await client.post(url, b"{}")).body == b"1"

    asyncio.run(post())
    assert server.connections == 2


def test_no_more_idle_connections_are_kept_than_asked_for():
    server = Server(whole(b"1"))

    async def post() -> int:
        async with serving(server) as url, make_client(5, 2) as client:
            await asyncio.gather(*(client.post(url, b"{}") for _ in range(6)))
            return len(client._targets[url].idle)

    assert asyncio.run(post()) == 2


@given(body=st.binary(max_size=300), cuts=st.lists(st.integers(1, 400), max_size=6), form=st.data())
def test_an_answer_is_the_same_however_it_comes(body: bytes, cuts: list[int], form):
    sent = form.draw(
        st.sampled_from([whole(body), _chunked(body), b"HTTP/1.1 200 OK\r\n\r\n" + body])
    )

    async def receive() -> Reply:
        connection, transport = Connection(Room()), FakeTransport()
        connection.connection_made(transport)
        loop = asyncio.get_running_loop()
        asked = asyncio.create_task(connection.exchange(b"", loop.time() + 5))
        await asyncio.sleep(0)
        ends = sorted({min(cut, len(sent)) for cut in cuts} | {len(sent)})
        for start, end in zip([0, *ends], ends, strict=False):
            connection.data_received(sent[start:end])
        if b"HTTP/1.1 200 OK\r\n\r\n" in sent:
            connection.connection_lost(None)
        return await asked

    assert asyncio.run(receive()) == Reply(200, body)


class FakeTransport(asyncio.Transport):
    def write(self, data: bytes) -> None: ...

    def abort(self) -> None: ...


def _chunked(body: bytes) -> bytes:
    parts = [body[start : start + 7] for start in range(0, len(body), 7)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % chunks


def test_the_time_until_a_busy_node_may_be_asked_again_is_told():
    server = Server(whole(b"", b"HTTP/1.1 429 Too Many Requests\r\nretry-AFTER: 7"))

    assert exchange(server) == [Reply(429, b"", "7")]


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", ConnectionError),
        (b"HTTP/1.1 200 OK\r\nContent-Le", ConnectionError),
        (b"", ConnectionError),
        (b"SSH-2.0-OpenSSH_9.2\r\n", ConnectionError),
    ],
)
def test_what_is_cut_off_or_no_http_is_an_error_of_the_connection(sent: bytes, error: type):
    with pytest.raises(error):
        exchange(Server(sent, then_closes=True))


def test_a_node_that_trickles_is_given_up_after_the_time_of_one_call():
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.02)

    async def post() -> None:
        async with serving(trickle) as url, make_client(0.2, 1) as client:
            await client.post(url, b"{}")

    with pytest.raises(TimeoutError):
        asyncio.run(post())


def test_an_answer_is_not_read_past_its_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection_module, "MAX_ANSWER_BYTES", 1 << 20)
    server = Server(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b" " * (4 << 20))

    async def post() -> None:
        async with serving(server) as url, make_client(5, 1) as client:
            with pytest.raises(AnswerTooLarge):
                await client.post(url, b"{}")
            # it is told so at once, not when all has come
            await asyncio.wait_for(server.closed.wait(), 5)

    asyncio.run(post())


def test_a_call_that_its_caller_gives_up_leaves_no_connection_behind():
    server = Server(b"HTTP/1.1 200 OK\r\n")

    async def post() -> None:
        async with serving(server) as url, make_client(5, 1) as client:
            asked = asyncio.create_task(client.post(url, b"{}"))
            await asyncio.wait_for(server.asked.wait(), 5)
            asked.cancel()
            await asyncio.wait_for(server.closed.wait(), 5)
            assert not client._targets[url].idle

    asyncio.run(post())


def test_an_answer_that_nobody_asked_for_answers_nothing():
    server = Server(whole(b"1") + whole(b"2"), whole(b"3"))

    assert [reply.body for reply in exchange(server, times=2)] == [b"1", b"3"]


@pytest.mark.parametrize("url", ["ftp://a/rpc", "http://", "http://[::1/rpc", "http://a:x/"])
def test_an_address_that_http_cannot_be_spoken_with_is_a_wrong_value(url: str):
    with pytest.raises(ValueError, match=r"."):
        asyncio.run(Client(5, 1).post(url, b"{}"))


def test_a_refused_connection_is_an_error_of_the_system():
    with pytest.raises(OSError, match=r"refused|failed"):
        asyncio.run(Client(5, 1).post("http://127.0.0.1:1/rpc", b"{}"))


def test_a_certificate_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", key, "-out", certificate]
    named = ["-days", "1", "-subj", "/CN=node", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", *curve, *files, *named]
    subprocess.run(command, check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)

    async def post() -> Reply:
        async with serving(Server(whole(b"1")), tls) as url, make_client(5, 1) as client:
            return await client.post(url, b"{}")

    with pytest.raises(ssl.SSLCertVerificationError):
        asyncio.run(post())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert asyncio.run(post()) == Reply(200, b"1")


async def _exchanged(connection: Connection, sent: bytes) -> Reply:
    loop = asyncio.get_running_loop()
    asked = asyncio.create_task(connection.exchange(b"", loop.time() + 5))
    await asyncio.sleep(0)
    connection.data_received(sent)
    return await asked


def test_the_rest_of_an_answer_that_nobody_asked_for_answers_no_later_question():
    async def receive() -> None:
        connection = Connection(Room())
        connection.connection_made(FakeTransport())
        unasked = whole(b"unasked")
        assert (await _exchanged(connection, whole(b"1") + unasked[:-3])).body == b"1"
        assert not connection.usable

    asyncio.run(receive())


def test_what_a_node_says_on_the_way_is_no_answer():
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
    server = Server(hints + whole(b"1"), hints + whole(b"2"))

    assert exchange(server, times=2) == [Reply(200, b"1"), Reply(200, b"2")]
    assert server.connections == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * (1 << 20),
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: x\r\n" * (1 << 16),
        b"HTTP/1.1 200 " + b"K" * (1 << 20),
        b"HTTP/1.1 103 On\r\n\r\n" * (1 << 16),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Late: " + b"x" * (1 << 20),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * (1 << 16),
    ],
    ids=["header", "headers", "reason", "on the way", "trailer", "chunks"],
)
def test_what_is_no_body_is_not_read_past_a_limit(sent: bytes):
    server = Server(sent)

    async def post() -> None:
        async with serving(server) as url, make_client(5, 1) as client:
            with pytest.raises(AnswerTooLarge):
                await client.post(url, b"{}")
            await asyncio.wait_for(server.closed.wait(), 5)

    asyncio.run(post())


async def test_of_answers_too_large_together_the_largest_is_given_up():
    room = Room(110_000)
    small, large, late = (Connection(room) for _ in range(3))
    loop = asyncio.get_running_loop()
    asked = []
    for connection in (small, large, late):
        connection.connection_made(FakeTransport())
        asked.append(asyncio.create_task(connection.exchange(b"", loop.time() + 5)))
    await asyncio.sleep(0)
    answer = whole(b"x" * 60_000)

    small.data_received(answer[:30_000])
    large.data_received(answer[:50_000])
    late.data_received(answer[:40_000])

    with pytest.raises(NoRoom):
        await asked[1]
    assert not large.usable
    small.data_received(answer[30_000:])
    assert len((await asked[0]).body) == 60_000
    late.give_up(TimeoutError())
    with pytest.raises(TimeoutError):
        await asked[2]
    assert room.taken == 0


async def test_an_answer_in_tiny_pieces_takes_the_room_that_it_takes():
    room = Room(100_000)
    connection = Connection(room)
    connection.connection_made(FakeTransport())
    asked = asyncio.create_task(connection.exchange(b"", asyncio.get_running_loop().time() + 5))
    await asyncio.sleep(0)

    for byte in whole(b"x" * 3000):
        connection.data_received(bytes([byte]))

    with pytest.raises(NoRoom):
        await asked
