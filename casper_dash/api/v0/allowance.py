"""How many questions a client may still ask: a bucket of tokens that fills with time."""

import math
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

_MOST_CLIENTS = 10_000
_ALL = ""


class Allowance:
    """`burst` questions at once and `per_s` a second for each client, and for all so many times
    more."""

    def __init__(
        self, *, burst: float, per_s: float, clients_at_once: float, now: Callable[[], float]
    ) -> None:
        self._burst = burst
        self._per_s = per_s
        self._clients_at_once = clients_at_once
        self._now = now
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> int:
        """0 if the client may ask now, else the whole seconds to wait."""
        client = _network_of(address)
        waits = [self._wait_s(client, 1), self._wait_s(_ALL, self._clients_at_once)]
        if max(waits) > 0:
            return math.ceil(max(waits))
        self._use(client, 1)
        self._use(_ALL, self._clients_at_once)
        return 0

    def _wait_s(self, client: str, times: float) -> float:
        missing = self._level(client, times) + 1 - self._burst * times
        return missing / (self._per_s * times)

    def _level(self, client: str, times: float) -> float:
        """Tokens that are used and have not come back yet."""
        used, at = self._used.get(client, (0.0, 0.0))
        return max(used - (self._now() - at) * self._per_s * times, 0.0)

    def _use(self, client: str, times: float) -> None:
        self._used[client] = (self._level(client, times) + 1, self._now())
        self._used.move_to_end(client)
        while len(self._used) > _MOST_CLIENTS:
            self._used.popitem(last=False)


def _network_of(address: str) -> str:
    """Who is one client: an address, or the 64 bits of an IPv6 address that are one customer's."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(parsed.packed[:8].hex()) if isinstance(parsed, IPv6Address) else address
