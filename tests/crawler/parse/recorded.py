"""Recorded answers of real nodes, read from the folder that CASPER_ANSWERS names."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_FOLDER = os.environ.get("CASPER_ANSWERS") or None

needs_recordings = pytest.mark.skipif(
    _FOLDER is None, reason="CASPER_ANSWERS names no folder of recorded node answers"
)


def recorded_files(method: str) -> set[str]:
    """Names below a method's folder, `/`-separated."""
    folder = Path(_FOLDER or "") / method
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def recorded_methods() -> set[str]:
    return {path.name for path in Path(_FOLDER or "").iterdir() if path.is_dir()}


def recorded_text(name: str) -> str:
    return (Path(_FOLDER or "") / name).read_text()


@cache
def recorded_result(name: str) -> bytes:
    """The JSON text of an answer's `result`, also where only that was recorded."""
    answer = json.loads(recorded_text(name))
    if "jsonrpc" not in answer:
        answer = {"result": answer.get("data", answer)}
    return to_json(answer["result"])


@cache
def recorded_block(name: str) -> bytes:
    """The `chain_get_block` result around a block that may have been recorded bare."""
    result = json.loads(recorded_result(f"chain_get_block/{name}"))
    if "hash" in result:
        versioned = "transactions" in result["body"]
        bare = {"block_with_signatures": {"block": {"Version2": result}}}
        result = bare if versioned else {"block": result}
    elif "Version2" in result["block" if "block" in result else "block_with_signatures"]:
        result = {"block_with_signatures": result}
    return to_json(result)


def recorded_events(name: str) -> list[dict[str, Any]]:
    """The events of one file, be it a raw stream, one event or a list of them."""
    text = recorded_text(f"sse/{name}")
    if name.endswith(".txt"):
        lines = (line.removeprefix("data:") for line in text.splitlines() if line[:5] == "data:")
        return [event for event in map(json.loads, lines) if isinstance(event, dict)]
    events = json.loads(text)
    listed = events if isinstance(events, list) else [events]
    return [event.get("data", event) for event in listed]


def to_json(value: Any) -> bytes:
    return json.dumps(value).encode()
