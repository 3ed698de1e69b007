"""A small outside source: hourly prices in histohour's form, or whatever it is told to answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

HOUR = timedelta(hours=1)


@dataclass
class SourceServer:
    """What the source holds, and what it answers instead when it is told to."""

    market_began: datetime = datetime(2021, 3, 31, 15, tzinfo=UTC)
    holes: set[datetime] = field(default_factory=set)
    status: int = 200
    answer: bytes | None = None
    """Sent in place of prices."""
    cut: bool = False
    location: str = "http://127.0.0.1:1/elsewhere"
    allowed_calls: int = 1_000
    questions: list[dict[str, str]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/data/v2/histohour"

    def body(self, question: dict[str, str]) -> bytes:
        if self.answer is not None:
            return self.answer
        if len(self.questions) > self.allowed_calls:
            return RATE_LIMITED
        last = datetime.fromtimestamp(int(question["toTs"]), UTC)
        hours = [last - n * HOUR for n in range(int(question["limit"]) + 1)]
        return answer_of([self.hour(hour) for hour in reversed(hours)])

    def hour(self, hour: datetime) -> dict[str, Any]:
        if hour < self.market_began or hour in self.holes:
            return row(hour, open=0, high=0, low=0, close=0, volumefrom=0, volumeto=0)
        return row(hour)


RATE_LIMITED = json.dumps(
    {
        "Response": "Error",
        "Message": "You are over your rate limit please upgrade your account!",
        "HasWarning": False,
        "Type": 99,
        "RateLimit": {"calls_made": {"second": 21}, "max_calls": {"second": 20}},
        "Data": {},
    }
).encode()


def row(hour: datetime, **changes: Any) -> dict[str, Any]:
    """One hour as the source writes it."""
    values = {
        "time": int(hour.timestamp()),
        "open": 0.03120000,
        "high": 0.0314,
        "low": 0.03101,
        "close": 0.0312000001,
        "volumefrom": 1523000.25,
        "volumeto": 47513.9,
        "conversionType": "direct",
        "conversionSymbol": "",
    }
    return values | changes


def answer_of(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(
        {
            "Response": "Success",
            "Message": "",
            "HasWarning": False,
            "Type": 100,
            "RateLimit": {},
            "Data": {
                "Aggregated": False,
                "TimeFrom": rows[0]["time"] if rows else 0,
                "TimeTo": rows[-1]["time"] if rows else 0,
                "Data": rows,
            },
        }
    ).encode()


@contextmanager
def serving(server: SourceServer) -> Iterator[SourceServer]:
    """Answers on a port of its own until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            server.questions.append(asked)
            server.keys.append(self.headers.get("Authorization"))
            body = server.body(asked)
            self.send_response(server.status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Location", server.location)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if server.cut else body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.port = http.server_address[1]
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
