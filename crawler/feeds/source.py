"""One GET of an outside source: bounded in size and time, its faults told in one line.

SourceError      what was asked for cannot be had now; the caller keeps what it has
  SourceBusy     it asked for fewer calls               → leave it alone until the next time
"""

import time
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

Answer = TypeVar("Answer")

MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""2,000 hours of prices are 0.4 MB, a thousand nodes with their places as much."""
_TIMEOUT_S = 20
_WHOLE_ANSWER_S = 60


class SourceError(Exception):
    """A source cannot be used; the message is one line, names the host, and holds no key."""


class SourceBusy(SourceError): ...


class Source:
    """One address, asked over one connection. Redirects are not followed: a key would go along."""

    def __init__(self, url: str, *, api_key: str = "") -> None:
        self._url = url
        self._key = api_key
        self.host = urlsplit(url).hostname or url
        headers = {"Authorization": f"Apikey {api_key}"} if api_key else {}
        self._client = httpx.Client(timeout=_TIMEOUT_S, headers=headers)

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, kind: type[Answer], params: dict[str, Any] | None = None) -> Answer:
        """The answer's JSON as `kind`, a msgspec type. Raises SourceError."""
        url = httpx.URL(self._url).copy_merge_params(params or {})
        try:
            with self._client.stream("GET", url) as response:
                self._check_status(response)
                body = self._read(response)
        except httpx.HTTPError as error:
            raise self.error(str(error) or type(error).__name__) from error
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise self.error(f"unexpected answer: {error}") from error

    def error(self, reason: str, kind: type[SourceError] = SourceError) -> SourceError:
        """An error of this source; a reason that repeats the key loses it."""
        if self._key:
            reason = reason.replace(self._key, "***")
        line = " ".join(reason.split())
        return kind(f"{self.host}: {line[:300]}")

    def _check_status(self, response: httpx.Response) -> None:
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise self.error("asks for fewer calls (429)", SourceBusy)
        if response.status_code != httpx.codes.OK:
            raise self.error(f"HTTP status {response.status_code}")

    def _read(self, response: httpx.Response) -> bytes:
        answer = bytearray()
        deadline = time.monotonic() + _WHOLE_ANSWER_S
        for chunk in response.iter_bytes():
            answer += chunk
            if time.monotonic() > deadline:
                raise self.error(f"answer takes over {_WHOLE_ANSWER_S} s")
            if len(answer) > MAX_ANSWER_BYTES:
                raise self.error(f"answer over {MAX_ANSWER_BYTES} bytes")
        return bytes(answer)
