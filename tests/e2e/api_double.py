"""A test double of the JSON API for the pages: speaks `/api/v1` for the resources they read.

It stands in for the API alone: pages, export and server are the real ones. The chain it tells of
is arithmetic, so every figure on a page can be worked out in a test.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

BLOCKS_PER_ERA = 20
CSPR = 10**9
_CACHING = {True: b"public, s-maxage=8, stale-while-revalidate=30", False: b"no-store"}
GENESIS_SUPPLY = 11_000_000_000 * CSPR


@dataclass
class ApiDouble:
    """The API over a chain of `height + 1` blocks, one every `block_time_s`, the last just now."""

    height: int = 2_345
    block_time_s: int = 16
    sandbox: bool = False
    state: str = "at_head"
    lag_blocks: int = 0
    missing: list[list[int]] = field(default_factory=list)
    missing_eras: frozenset[int] = frozenset()
    final: bool = True
    status: int = 200
    title: str = "Casper Mainnet"
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    asked: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, query = scope["path"], scope["query_string"].decode()
        self.asked.append(f"{path}?{query}")
        status, body = self._answer(path, {key: value[0] for key, value in parse_qs(query).items()})
        kind = b"application/json" if status == 200 else b"application/problem+json"
        sent = json.dumps(body).encode()
        headers = [(b"content-type", kind), (b"cache-control", _CACHING[status == 200])]
        headers.append((b"etag", f'"{_hash(sent.decode())}"'.encode()))
        if status != 200:
            headers.append((b"x-request-id", b"double-1"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": sent})

    def add_block(self) -> None:
        """The chain's next block, made now."""
        self.height += 1
        self.made_at = datetime.now(UTC)

    def _answer(self, path: str, query: dict[str, str]) -> tuple[int, object]:
        if self.status != 200:
            return self.status, {"status": self.status, "detail": "the database is away"}
        limit = int(query.get("limit", 100))
        if path == "/api/v1/network":
            return 200, self._network()
        if path == "/api/v1/blocks":
            newest = int(query.get("to", self.height))
            heights = range(newest, max(-1, newest - limit), -1)
            return 200, _page([self._block(height) for height in heights], query)
        if path == "/api/v1/eras":
            newest = int(query.get("to", self.height // BLOCKS_PER_ERA))
            ids = range(newest, max(-1, newest - limit), -1) if self.height >= 0 else ()
            eras = [self._era(id_) for id_ in ids if id_ not in self.missing_eras]
            return 200, _page(eras, query)
        return 404, {"status": 404, "detail": f"no {path} here"}

    def _network(self) -> dict[str, object]:
        head = self.height + self.lag_blocks
        missing = sum(last - first + 1 for first, last in self.missing)
        return {
            "name": "casper",
            "title": self.title,
            "sandbox": self.sandbox,
            "state": self.state,
            "head": self._point(head) if head >= 0 else None,
            "newest": self._point(self.height) if self.height >= 0 else None,
            "lag_blocks": self.lag_blocks,
            "lag_seconds": self.lag_blocks * self.block_time_s,
            "missing": self.missing,
            "missing_blocks": missing + self.lag_blocks,
            "held": self.height + 1 - missing,
            "expected": head + 1,
            "protocol_version": "2.0.3",
            "updated_at": _text(datetime.now(UTC)),
        }

    def _point(self, height: int) -> dict[str, object]:
        block = self._block(height)
        return {key: block[key] for key in ("height", "hash", "era_id", "timestamp")}

    def _block(self, height: int) -> dict[str, object]:
        return {
            "height": height,
            "hash": _hash(f"block {height}"),
            "era_id": height // BLOCKS_PER_ERA,
            "timestamp": _text(self._time(height)),
            "proposer": "01" + _hash(f"validator {height % 7}"),
            "switch": height % BLOCKS_PER_ERA == BLOCKS_PER_ERA - 1,
            "deploys": height * 5 % 7,
            "transfers": height * 31 % 23,
        }

    def _time(self, height: int) -> datetime:
        return self.made_at - timedelta(seconds=(self.height - height) * self.block_time_s)

    def _era(self, id_: int) -> dict[str, object]:
        last = (id_ + 1) * BLOCKS_PER_ERA - 1
        complete = last <= self.height
        wave = (id_ * 37 % 19) * 1_000 * CSPR
        total = GENESIS_SUPPLY + id_ * 98_765_432_101_234
        return {
            "id": id_,
            "complete": complete,
            "final": complete and self.final,
            "start_block": id_ * BLOCKS_PER_ERA,
            "end_block": last if complete else None,
            "start": _text(self._time(id_ * BLOCKS_PER_ERA)),
            "end": _text(self._time(last)) if complete else None,
            "weight": str(6_400_000_000 * CSPR + wave * 90),
            "total_supply": str(total),
            "deploys": 40 + id_ * 13 % 31,
            "transfers": 180 + id_ * 71 % 97,
            "staked": str(3_000_000 * CSPR + wave * 40),
            "unstaked": str(2_000_000 * CSPR + wave * 25),
            "validators": 100 if complete else None,
            "delegators": 24_310 + id_ * 3 if complete else None,
            "circulating_transfers": str(3_100_000_000 * CSPR + id_ * 700_000 * CSPR),
            "circulating_unlocks": str(3_535_670_616 * CSPR),
            "circulating_rewards": str(total - GENESIS_SUPPLY),
            "circulating_supply": str(
                6_635_670_616 * CSPR + id_ * 700_000 * CSPR + total - GENESIS_SUPPLY
            ),
        }


def _page(rows: list[dict[str, object]], query: dict[str, str]) -> dict[str, object]:
    kept = query["fields"].split(",") if "fields" in query else None
    return {"data": [{k: row[k] for k in kept} if kept else row for row in rows], "next": None}


def _hash(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()


def _text(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
