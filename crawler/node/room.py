"""How many bytes of answers may be under way: those of one client's connections, all together.

Nobody waits for room, so that nodes that answer without end halt no other: where it runs out, the
largest answer is given up. Answers of honest nodes are the small ones then.
"""

from typing import Protocol

MOST_BYTES = 256 * 1024 * 1024
"""Eight answers of the largest size that is read, eighty of the largest ones seen."""
_PIECE_BYTES = 64
"""What a piece of an answer takes besides its bytes: a node can send as many as it has bytes."""


class NoRoom(ConnectionError):
    """All answers under way are too large together, and this is the largest."""


class Holder(Protocol):
    """An answer under way."""

    def give_up(self, error: Exception) -> None:
        """Ends it, and gives its room back."""


class Room:
    """Bytes held by each answer under way. For one event loop."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held: dict[Holder, int] = {}
        self.taken = 0

    def take(self, holder: Holder, count: int) -> None:
        """Notes one more piece of so many bytes; gives up the largest answers if it is too much."""
        count += _PIECE_BYTES
        self._held[holder] = self._held.get(holder, 0) + count
        self.taken += count
        while self.taken > self._most:
            largest = max(self._held, key=self._held.__getitem__)
            told = f"the largest of answers that are over {self._most} bytes together"
            largest.give_up(NoRoom(told))

    def give_back(self, holder: Holder) -> None:
        """Nothing is held for it any more."""
        self.taken -= self._held.pop(holder, 0)
