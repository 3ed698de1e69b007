"""What is measured by a clock: first bytes, a whole history as CSV, a new block's way to many."""

import http.client
import json
import os
import selectors
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from sqlalchemy import create_engine, text

from bench.api_questions import every_answer
from bench.api_servers import Server
from bench.figures import Figure
from bench.seed import Size
from crawler.models.chain import Block
from crawler.models.table import table_of

_LISTENERS = 1_000
_NEW_BLOCKS = 5


def first_bytes(server: Server, size: Size) -> Iterator[Figure]:
    """Of a process that was asked nothing yet: the slowest answers of every path."""
    document = json.loads(_get(server, "/api/openapi.json")[1])
    paths = every_answer(size, document["paths"])
    took = [(_get(server, path)[0], path.split("?")[0]) for path in paths]
    middle = median(first_ms for first_ms, _ in took)
    yield Figure(f"API: first byte of {len(took)} paths, median", middle, "ms")
    for first_ms, path in sorted(took, reverse=True)[:4]:
        yield Figure(f"API: first byte, slowest: {path}"[:60], first_ms, "ms")


def _get(server: Server, path: str) -> tuple[float, bytes]:
    """Milliseconds to the first byte, and the body."""
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=60)
    connection.connect()
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    first_ms = 1000 * (time.perf_counter() - began)
    body = answer.read()
    connection.close()
    assert answer.status == 200, (path, answer.status, body[:200])
    return first_ms, body


def whole_csv(server: Server, size: Size) -> Iterator[Figure]:
    """Every block, read as fast as it comes; what the process grew by meanwhile."""
    before_mib, cpu_s = _rss_mib(server), _cpu_s(server)
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=60)
    began = time.perf_counter()
    connection.request("GET", "/api/v1/blocks?format=csv")
    answer = connection.getresponse()
    lines, peak_mib = 0, before_mib
    while piece := answer.read1(1 << 20):
        lines += piece.count(b"\n")
        peak_mib = max(peak_mib, _rss_mib(server))
    seconds = time.perf_counter() - began
    connection.close()
    assert lines == size.blocks + 1, lines
    yield Figure("API: all blocks as CSV", size.blocks / seconds, "rows/s")
    cpu_us = 1e6 * (_cpu_s(server) - cpu_s) / size.blocks
    yield Figure("API: all blocks as CSV, CPU of the process", cpu_us, "us/row")
    yield Figure("API: all blocks as CSV, growth", peak_mib - before_mib, "MiB")


def listeners(server: Server, url: str, size: Size) -> Iterator[Figure]:
    """Many event streams; how long after a block's commit the last of them has it."""
    host, port = server.address.removeprefix("http://").split(":")
    before_mib = _rss_mib(server)
    streams = [socket.create_connection((host, int(port))) for _ in range(_LISTENERS)]
    with selectors.DefaultSelector() as ready:
        for stream in streams:
            stream.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: bench\r\n\r\n")
            stream.setblocking(False)
            ready.register(stream, selectors.EVENT_READ, bytearray())
        _until_told(ready, b"event: block")
        yield Figure(f"API: {_LISTENERS} listeners", _rss_mib(server) - before_mib, "MiB")
        yield from _idle(server)
        yield from _delays(ready, url, size)
    for stream in streams:
        stream.close()


def _idle(server: Server) -> Iterator[Figure]:
    began, cpu_s = time.perf_counter(), _cpu_s(server)
    time.sleep(3)
    share = (_cpu_s(server) - cpu_s) / (time.perf_counter() - began)
    yield Figure(f"API: {_LISTENERS} listeners, nothing new", 100 * share, "% of a core")


def _delays(ready: selectors.BaseSelector, url: str, size: Size) -> Iterator[Figure]:
    delays = []
    engine = create_engine(url)
    for height in range(size.blocks, size.blocks + _NEW_BLOCKS):
        with engine.begin() as connection:
            connection.execute(text(_new_block(height)))
        began = time.perf_counter()
        _until_told(ready, b'"height":%d,' % height)
        delays.append(1000 * (time.perf_counter() - began))
    with engine.begin() as connection:
        connection.execute(text(f"DELETE FROM block WHERE height >= {size.blocks}"))
    engine.dispose()
    yield Figure(f"API: a block to the last of {_LISTENERS}, median", median(delays), "ms")
    yield Figure(f"API: a block to the last of {_LISTENERS}, slowest", max(delays), "ms")


def _new_block(height: int) -> str:
    """A copy of the block before it, under a height and a hash of its own."""
    own = {"height": str(height), "hash": f"UNHEX(SHA2('{height}', 256))"}
    columns = [f"`{column.name}`" for column in table_of(Block).columns]
    values = [own.get(name.strip("`"), name) for name in columns]
    return (
        f"INSERT INTO block ({', '.join(columns)}) SELECT {', '.join(values)}"
        f" FROM block WHERE height = {height - 1}"
    )


def _until_told(ready: selectors.BaseSelector, words: bytes) -> None:
    """Until every stream has said the words."""
    waiting = {key.fd for key in ready.get_map().values()}
    for key in ready.get_map().values():
        key.data.clear()
    deadline = time.monotonic() + 60
    while waiting:
        assert time.monotonic() < deadline, f"{len(waiting)} listeners were not told"
        for key, _ in ready.select(1):
            key.data.extend(os.read(key.fd, 65536))
            if words in key.data:
                waiting.discard(key.fd)


def _rss_mib(server: Server) -> float:
    pages = int(Path(f"/proc/{server.worker()}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _cpu_s(server: Server) -> float:
    fields = Path(f"/proc/{server.worker()}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
