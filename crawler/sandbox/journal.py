"""A live chain's memory: what it was made of, and when each of its live blocks came.

One line each, so that a restart rebuilds the same chain. A torn last line is dropped.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crawler.sandbox.parameters import ChainParameters


class JournalError(Exception):
    """The journal belongs to another chain, or is no journal."""


class Journal:
    """An open journal. `height` is where the history ended when it was made."""

    def __init__(self, path: Path, parameters: ChainParameters, height: int) -> None:
        """Open the journal, or start it with these. Raises JournalError and OSError."""
        self._path = path
        lines = _whole_lines(path)
        if not lines:
            head = {"height": height, **asdict(parameters)}
            lines = [json.dumps(head)]
            path.write_text(lines[0] + "\n")
        self.parameters, self.height = self._read_head(lines[0], parameters)
        self.live_times_ms = [self._read_time(line) for line in lines[1:]]
        self._file = path.open("a")

    def append(self, timestamp_ms: int) -> None:
        """Note a live block's time; it is in the file when this returns."""
        self._file.write(f"{timestamp_ms}\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _read_head(self, line: str, wanted: ChainParameters) -> tuple[ChainParameters, int]:
        try:
            head: dict[str, Any] = json.loads(line)
            height = head.pop("height")
            parameters = ChainParameters(**head)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise JournalError(f"{self._path} is no sandbox journal") from error
        for name, value in asdict(wanted).items():
            if name != "genesis_time_ms" and value != head[name]:
                raise JournalError(
                    f"{self._path} was made with {name} {head[name]}, not {value}: "
                    "use another journal or the same options"
                )
        return parameters, height

    def _read_time(self, line: str) -> int:
        try:
            return int(line)
        except ValueError as error:
            raise JournalError(f"{self._path} has a line that is no time: {line}") from error


def _whole_lines(path: Path) -> list[str]:
    """The file's complete lines; what follows the last of them is cut off the file."""
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        path.write_bytes(whole)
    return whole.decode(errors="replace").splitlines()
