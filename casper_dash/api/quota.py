"""How many requests a client may make: one bucket for each address, told in every answer."""

import math
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from ipaddress import ip_address

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casper_dash.api.buckets import Buckets, customer_of
from casper_dash.api.byte_cache import CACHE_RESULT
from casper_dash.api.limits import refuse
from casper_dash.api.problems import TooManyRequests
from casper_dash.auth.client import client_address, networks_of

CLIENT = "casper_dash.client"
"""Where the scope names the client's address."""
HIT_COST = 0.05
"""Of a request: a ready answer costs next to nothing."""

_MOST_CLIENTS = 50_000
_MOST_KNOWN = 4096
_MINUTE_S = 60


class Quota:
    """Lets a client make `a_minute` requests at once, and as many more as time gives back.

    Only below `prefix`, and not to the paths of `free`. This machine itself is not limited, and
    with `a_minute` 0 nobody is. Forwarding headers of `trusted` proxies say who asks.
    """

    def __init__(  # noqa: PLR0913 (an ASGI middleware gets all at once)
        self,
        app: ASGIApp,
        *,
        prefix: str,
        a_minute: int,
        trusted: Iterable[str],
        now: Callable[[], float],
        free: Collection[str] = (),
    ) -> None:
        self._app = app
        self._prefix = prefix
        self._free = free
        self._buckets = Buckets(
            size=a_minute, per_s=a_minute / _MINUTE_S, now=now, most=_MOST_CLIENTS
        )
        self._policy = f'"default";q={a_minute};w={_MINUTE_S}'.encode()
        networks = networks_of(trusted)
        # reading addresses takes longer than all else here
        self._asker = lru_cache(_MOST_KNOWN)(
            lambda peer, forwarded: _asker(client_address(peer, forwarded, networks))
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[CLIENT], client = self._asker(*_who(scope))
        if client is None or not self._is_limited(scope["path"]):
            await self._app(scope, receive, send)
            return
        wait_s = self._buckets.wait_s(client)
        taken = self._buckets.take(client, 0 if wait_s > 0 else 1)
        send = self._telling(scope, client, taken, send)
        if wait_s > 0:
            await refuse(TooManyRequests(math.ceil(wait_s)), scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_limited(self, path: str) -> bool:
        return bool(self._buckets.size) and path.startswith(self._prefix) and path not in self._free

    def _telling(self, scope: Scope, client: str, taken: float, send: Send) -> Send:
        """`send` that names what is left. A ready answer gives back most of what was taken."""

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_hit = scope.get(CACHE_RESULT) == "hit"
                used = self._buckets.take(client, HIT_COST - 1) if is_hit else taken
                named = [(b"ratelimit-policy", self._policy), (b"ratelimit", self._left(used))]
                message = {**message, "headers": [*message["headers"], *named]}
            await send(message)

        return tell

    def _left(self, used: float) -> bytes:
        # draft-ietf-httpapi-ratelimit-headers-11: requests that are left, seconds until all are
        left = max(math.floor(self._buckets.size - used), 0)
        return b'"default";r=%d;t=%d' % (left, math.ceil(used / self._buckets.per_s))


def _who(scope: Scope) -> tuple[str, str]:
    """Who connected, and whom they say they speak for."""
    peer = scope.get("client")
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return peer[0] if peer else "", b",".join(forwarded).decode("latin-1")


def _asker(address: str) -> tuple[str, str | None]:
    """The client's address, and whose bucket its requests are of; None: of nobody's."""
    is_local = bool(address) and ip_address(address).is_loopback
    return address, None if is_local else customer_of(address)
