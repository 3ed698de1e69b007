"""How many questions a client may still ask that only nodes can answer."""

import math
from collections.abc import Callable

from casper_dash.api.buckets import Buckets, customer_of

_ALL = ""


class Allowance:
    """`burst` questions at once and `per_s` a second for each client, and for all so many times
    more."""

    def __init__(
        self, *, burst: float, per_s: float, clients_at_once: float, now: Callable[[], float]
    ) -> None:
        self._each = Buckets(size=burst, per_s=per_s, now=now)
        self._all = Buckets(size=burst * clients_at_once, per_s=per_s * clients_at_once, now=now)

    def take(self, address: str) -> int:
        """0 if the client may ask now, else the whole seconds to wait."""
        client = customer_of(address)
        wait_s = max(self._each.wait_s(client), self._all.wait_s(_ALL))
        if wait_s > 0:
            return math.ceil(wait_s)
        self._each.take(client)
        self._all.take(_ALL)
        return 0
