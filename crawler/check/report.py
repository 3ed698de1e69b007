"""What a check found."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """One line a fault, and how much was proven."""

    faults: list[str] = field(default_factory=list)
    blocks: int = 0
    newest: int | None = None
    transfers: int = 0
    eras: int = 0
    started: float = field(default_factory=time.monotonic)

    def take(self, faults: Iterable[str]) -> None:
        """Adds faults as they are found."""
        self.faults.extend(faults)

    def summary(self) -> str:
        """One line for people."""
        seconds = time.monotonic() - self.started
        result = f"{len(self.faults)} faults" if self.faults else "no fault"
        return (
            f"checked {self.blocks} blocks, {self.transfers} transfers, {self.eras} eras"
            f" in {seconds:.1f} s: {result}"
        )
