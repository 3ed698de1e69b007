"""What a check found."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One line for people, and what has to be fetched again to mend it."""

    line: str
    heights: tuple[int, ...] = ()
    """Blocks that may be wrong themselves; none: only what was worked out is."""
    account: str | None = None
    """The account whose public key is not its own."""


@dataclass(slots=True)
class Report:
    """What is wrong, and how much was proven."""

    found: list[Fault] = field(default_factory=list)
    blocks: int = 0
    newest: int | None = None
    transfers: int = 0
    eras: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def faults(self) -> list[str]:
        """One line a fault."""
        return [fault.line for fault in self.found]

    def take(self, faults: Iterable[Fault | str]) -> None:
        """Adds faults as they are found; a mere line is one of worked out figures."""
        self.found.extend(Fault(each) if isinstance(each, str) else each for each in faults)

    def summary(self) -> str:
        """One line for people."""
        seconds = time.monotonic() - self.started
        result = f"{len(self.found)} faults" if self.found else "no fault"
        return (
            f"checked {self.blocks} blocks, {self.transfers} transfers, {self.eras} eras"
            f" in {seconds:.2f} s: {result}"
        )
