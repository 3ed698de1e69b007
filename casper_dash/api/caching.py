"""How long each kind of answer holds, in `Cache-Control`'s words."""

import re
from datetime import datetime

NO_STORE = "no-store"
"""Every error, and streams: too long to be held or compared."""
UNCHANGING = "public, max-age=3600, s-maxage=21600, immutable"
"""A block, and whatever else can never change."""
SETTLED = "public, max-age=60, s-maxage=21600"
"""What only a publication or later learning changes; purged at the edge then."""
GROWING = "public, s-maxage=8, stale-while-revalidate=30"
"""Series and lists that reach into the running era."""
RELEASE = "public, max-age=60, s-maxage=3600"
"""What changes with a release only: the API's description."""

PUBLIC_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, RateLimit, RateLimit-Policy, Retry-After",
    "Vary": "Accept, Accept-Encoding",
}

_BLOCK_TIME_S = 8
"""The shortest time between blocks that Casper networks have had."""
_MAX_AGE = re.compile(r"\bmax-age=(\d+)")  # not s-maxage


def newest(timestamp: datetime | None, now: datetime) -> str:
    """The newest of anything, whose newest block is of `timestamp`.

    An edge may hold it until just before the next block is due.
    """
    age_s = (now - timestamp).total_seconds() if timestamp else _BLOCK_TIME_S
    shared_s = min(max(int(_BLOCK_TIME_S - age_s) - 1, 1), _BLOCK_TIME_S)
    return f"public, max-age=1, s-maxage={shared_s}, stale-while-revalidate=10"


def held_s(cache_control: str) -> int:
    """Seconds for which this process holds an answer itself: no longer than a browser may.

    `s-maxage` is for edges, which can be purged. What names nothing else is held for a second,
    so that a new block is in every answer by then.
    """
    if not cache_control.startswith("public"):
        return 0
    named = _MAX_AGE.search(cache_control)
    return int(named[1]) if named else 1
