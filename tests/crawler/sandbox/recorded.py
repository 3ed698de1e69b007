"""Node answers that were recorded on real networks, read from the folder $CASPER_ANSWERS."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.sandbox.accounts import account
from crawler.sandbox.block import EraEnd, Header, Request, Transaction
from crawler.sandbox.forms import Form

ROOT = Path(os.environ["CASPER_ANSWERS"]) if os.environ.get("CASPER_ANSWERS") else None
needs_answers = pytest.mark.skipif(ROOT is None, reason="CASPER_ANSWERS names no folder")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def names(pattern: str) -> list[str]:
    """Recorded files that match, relative to the folder."""
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(pattern)) if ROOT else []


def text(name: str) -> str:
    assert ROOT is not None
    return (ROOT / name).read_text()


def result(name: str) -> Any:
    """A file's JSON-RPC result, however much of the envelope it has."""
    answer = json.loads(text(name))
    answer = answer.get("data", answer)
    return answer.get("result", answer)


def block_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The block in any answer, event, or by itself."""
    for key in ("block_with_signatures", "block", "Version1", "Version2", "BlockAdded"):
        if key in answer:
            return block_of(answer[key])
    return answer


def stream_blocks(name: str) -> list[dict[str, Any]]:
    """The blocks of a recorded event stream, in its order."""
    lines = text(name).splitlines()
    return [
        block_of(json.loads(line[5:])) for line in lines if line.startswith('data:{"BlockAdded')
    ]


def header(block: dict[str, Any]) -> Header:
    """A recorded block's header as the sandbox's own."""
    fields = block["header"]
    is_v2 = "proposer" in fields
    last_switch = fields.get("last_switch_block_hash")
    passed = datetime.fromisoformat(fields["timestamp"]) - _EPOCH
    return Header(
        height=fields["height"],
        era_id=fields["era_id"],
        timestamp_ms=passed.days * 86_400_000 + passed.seconds * 1000 + passed.microseconds // 1000,
        protocol_version=fields["protocol_version"],
        parent_hash=bytes.fromhex(fields["parent_hash"]),
        state_root_hash=bytes.fromhex(fields["state_root_hash"]),
        body_hash=bytes.fromhex(fields["body_hash"]),
        accumulated_seed=bytes.fromhex(fields["accumulated_seed"]),
        random_bit=fields["random_bit"],
        proposer=fields["proposer"] if is_v2 else block["body"]["proposer"],
        era_end=_era_end(fields["era_end"]) if fields["era_end"] else None,
        last_switch_block_hash=bytes.fromhex(last_switch) if last_switch else None,
        is_v2=is_v2,
        gas_price=fields.get("current_gas_price", 1),
    )


def lanes(block: dict[str, Any]) -> dict[int, list[Transaction]]:
    return {
        int(lane): [_transaction(each) for each in listed]
        for lane, listed in block["body"]["transactions"].items()
    }


def _transaction(named: dict[str, str]) -> Transaction:
    ((kind, digest),) = named.items()
    someone = account("someone")
    request = Request(Form("call", "by_hash", is_deploy=kind == "Deploy"), someone, 0, someone)
    return Transaction(bytes.fromhex(digest), request, 0, 0, None, ())


def _era_end(fields: dict[str, Any]) -> EraEnd:
    report = fields.get("era_report", fields)
    weights = {
        each["validator"]: int(each["weight"]) for each in fields["next_era_validator_weights"]
    }
    factors: dict[str, int] = {}
    rewards: dict[str, tuple[int, ...]] = {}
    if isinstance(report["rewards"], list):
        factors = {each["validator"]: each["amount"] for each in report["rewards"]}
    else:
        rewards = {key: tuple(map(int, paid)) for key, paid in report["rewards"].items()}
    return EraEnd(
        weights,
        factors,
        rewards,
        tuple(report["equivocators"]),
        tuple(report["inactive_validators"]),
        fields.get("next_era_gas_price", 1),
    )


def paths(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(key path, JSON type) of everything in a value; keys that are data are written `*`."""
    yield path, type(value).__name__
    if isinstance(value, dict):
        for key, each in value.items():
            data = key.isdigit() or all(letter in "0123456789abcdef" for letter in key)
            yield from paths(each, f"{path}.{'*' if data else key}")
    elif isinstance(value, list):
        for each in value:
            yield from paths(each, f"{path}[]")
