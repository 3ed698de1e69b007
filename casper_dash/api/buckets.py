"""Buckets of tokens that fill with time, one for each client: what each may still ask."""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

_MOST = 10_000


class Buckets:
    """`size` tokens at once and `per_s` a second for each key; `now` is a clock in seconds.

    At most `most` keys are known, the latest used: one that was forgotten has a full bucket.
    """

    def __init__(
        self, *, size: float, per_s: float, now: Callable[[], float], most: int = _MOST
    ) -> None:
        self.size = size
        self.per_s = per_s
        self._now = now
        self._most = most
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._used)

    def used(self, key: str) -> float:
        """Tokens that were taken and have not come back yet."""
        used, at = self._used.get(key, (0.0, 0.0))
        # a clock that was set back gives nothing back, and takes nothing
        return max(used - max(self._now() - at, 0) * self.per_s, 0.0)

    def wait_s(self, key: str) -> float:
        """Seconds until a token is there; 0 or less: one is."""
        return (self.used(key) + 1 - self.size) / self.per_s

    def take(self, key: str, tokens: float = 1) -> float:
        """Takes tokens, whether they are there or not; fewer than none are given back.

        Returns what is used then.
        """
        used = max(self.used(key) + tokens, 0.0)
        self._used[key] = used, self._now()
        self._used.move_to_end(key)
        while len(self._used) > self._most:
            self._used.popitem(last=False)
        return used


def customer_of(address: str) -> str:
    """Who is one client: an address, or the 64 bits of an IPv6 address that are one customer's."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return parsed.packed[:8].hex() if isinstance(parsed, IPv6Address) else address
