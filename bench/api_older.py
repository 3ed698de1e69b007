"""The older platform's requests to our /api/v0, beside what it did itself on two such cores.

Its figures: version 0.2.4 on Node 20, one process on one core, MariaDB 10.11 free, wrk on the
other core with 50 connections, on data of SIZE; November 2026. It had no cache of its own.
"""

import json
from dataclasses import dataclass
from urllib.parse import quote

from bench.api_load import Case
from bench.seed import Size, account, digest, number, public_key

SIZE = Size(
    blocks=330_220, eras=1_501, transfers=60_000, accounts=2_000, rewards=120_000, prices=29_682
)
_LISTED = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """What is asked, and how often a second the older platform answered it."""

    path: str
    older: float
    below: int = 1
    values: tuple[str, ...] = ()
    connections: int = 50
    """Few where an answer takes so long that all are waited for."""

    def case(self, address: str, *, again: bool) -> Case:
        """`again`: a few of the questions over and over, so that a cache can hold them."""
        if self.values:
            few = self.values[:50] if again else self.values
            return Case(address, [f"/api/v0{self.path % value}" for value in few])
        if not self.path.count("%d"):
            path = self.path.replace("%%", "%")
            least_s = 1 if self.connections > 1 else 5
            return Case(address, [f"/api/v0{path}"], connections=self.connections, least_s=least_s)
        if again:
            some = [number("again", n) % self.below for n in range(50)]
            return Case(address, [f"/api/v0{self.path % n}" for n in some])
        return Case(address, form=f"/api/v0{self.path}", below=self.below)


def _filter(**parts: object) -> str:
    return "filter=" + quote(json.dumps(parts)).replace("%", "%%")


def _digests(kind: str, below: int) -> tuple[str, ...]:
    return tuple(digest(kind, number(kind, n) % below) for n in range(_LISTED))


_RANGE = {"blockHeight": {"between": [100_000, 110_000]}, "switch": True}
ROWS = {
    "/health": Row("/health", 1_378),
    "/block?blockHeight=, random": Row("/block?blockHeight=%d", 426, SIZE.blocks),
    "/block?hash=, random": Row("/block?hash=%s", 16, values=_digests("block", SIZE.blocks)),
    "/block, newest": Row("/block", 464),
    "/block?filter, switch blocks by rewards, 2": Row(
        f"/block?{_filter(where=_RANGE, order=['rewards DESC'], limit=2)}", 312
    ),
    "/block?filter, 10": Row(f"/block?{_filter(order=['blockHeight DESC'], limit=10)}", 87),
    "/block?filter, 100": Row(f"/block?{_filter(order=['blockHeight DESC'], limit=100)}", 6.3),
    "/block/total": Row("/block/total", 817),
    "/block/circulating": Row("/block/circulating", 511),
    "/era?id=": Row("/era?id=%d", 743, SIZE.eras),
    "/era?blockHeight=": Row("/era?blockHeight=%d", 495, SIZE.blocks),
    "/era?limit=100": Row("/era?limit=100", 88),
    "/era?limit=1000": Row("/era?limit=1000", 12, connections=10),
    "/era/circulating": Row("/era/circulating", 601),
    "/transfersByEraId, 100": Row("/transfersByEraId?eraId=%d&limit=100", 55, SIZE.eras),
    "/transfersByAccountHash, random": Row(
        "/transfersByAccountHash?account=account-hash-%s",
        24,
        values=tuple(account(20 + number("who", n) % (SIZE.accounts - 20)) for n in range(_LISTED)),
    ),
    "/transfersByAccountHash, busiest": Row(
        f"/transfersByAccountHash?account=account-hash-{account(1)}", 2
    ),
    "/account": Row(f"/account?account={account(30)}", 465),
    "/knownAccounts": Row("/knownAccounts", 335),
    "/validators, 100": Row("/validators", 122),
    "/delegators, 300": Row(f"/delegators?delegator={public_key(1001)}&limit=300", 38),
    "/prices": Row("/prices", 1.2, connections=1),
}
