"""How a deploy or transaction ended: in which block, whether well, and what it wrote."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from crawler.parse.fields import Hash, OneOf

Written = frozenset[str]
"""Types of the stored values that were written (`Bid`, `Withdraw`); in 2.x a bid by its kind."""


@dataclass(frozen=True, slots=True)
class Outcome:
    block_hash: str
    success: bool
    transfers: int
    """How many transfers it made; 0 where it failed, which undoes them."""
    written: Callable[[], Written]
    """Reads the effects, which can be long, when it is called."""


class _ExecutedV1(msgspec.Struct):
    effect: msgspec.Raw
    transfers: list[msgspec.Raw] = []


class ExecutionResultV1(OneOf, rename="pascal"):
    success: _ExecutedV1 | None = None
    failure: _ExecutedV1 | None = None


class ExecutionResultV2(msgspec.Struct):
    error_message: str | None
    effects: msgspec.Raw
    transfers: list[msgspec.Raw] = []


class VersionedResult(OneOf, rename="pascal"):
    version1: ExecutionResultV1 | None = None
    version2: ExecutionResultV2 | None = None


class BlockResult(msgspec.Struct):
    """An item of 1.x `execution_results`."""

    block_hash: Hash
    result: ExecutionResultV1


class ExecutionInfo(msgspec.Struct):
    """2.x: the block can be known while its result is missing on the answering node."""

    block_hash: Hash
    execution_result: VersionedResult | None = None


class Executed(msgspec.Struct):
    """What an answer tells of the execution; both absent or empty: not executed yet."""

    execution_results: list[BlockResult] = []
    execution_info: ExecutionInfo | None = None


_Tagged = Annotated[dict[str, msgspec.Raw], Meta(min_length=1, max_length=1)]


class _TransformV1(msgspec.Struct):
    transform: str | _Tagged


class _EffectV1(msgspec.Struct):
    transforms: list[_TransformV1]


class _TransformV2(msgspec.Struct):
    kind: str | _Tagged


_effect_decoder = msgspec.json.Decoder(_EffectV1)
_effects_decoder = msgspec.json.Decoder(list[_TransformV2])
_tagged_decoder = msgspec.json.Decoder(_Tagged)


def outcome(executed: Executed, block_hash: str | None) -> Outcome | None:
    """How it ended, None if it was not executed yet.

    `block_hash` chooses among several results. Raises ValueError if it leaves a choice.
    """
    if executed.execution_info is not None:
        return _outcome_v2(executed.execution_info)
    results = executed.execution_results
    if len(results) > 1:
        results = [result for result in results if result.block_hash.lower() == block_hash]
        if len(results) != 1:
            raise ValueError(f"expected one result of block {block_hash}, got {len(results)}")
    return _outcome_v1(results[0].block_hash, results[0].result) if results else None


def _outcome_v2(info: ExecutionInfo) -> Outcome | None:
    if info.execution_result is None:
        return None
    result = info.execution_result.content()
    if isinstance(result, ExecutionResultV1):
        return _outcome_v1(info.block_hash, result)
    success = result.error_message is None
    made = len(result.transfers) if success else 0
    return Outcome(info.block_hash.lower(), success, made, lambda: _written_v2(result.effects))


def _outcome_v1(block_hash: str, result: ExecutionResultV1) -> Outcome:
    made = 0 if result.success is None else len(result.success.transfers)
    effect = result.content().effect
    success = result.success is not None
    return Outcome(block_hash.lower(), success, made, lambda: _written_v1(effect))


def _written_v1(effect: msgspec.Raw) -> Written:
    transforms = (item.transform for item in _effect_decoder.decode(effect).transforms)
    tagged = (transform for transform in transforms if isinstance(transform, dict))
    return frozenset(name.removeprefix("Write") for transform in tagged for name in transform)


def _written_v2(effects: msgspec.Raw) -> Written:
    kinds = (item.kind for item in _effects_decoder.decode(effects))
    tagged = (kind for kind in kinds if isinstance(kind, dict))
    return frozenset(_name(kind["Write"]) for kind in tagged if "Write" in kind)


def _name(stored_value: msgspec.Raw) -> str:
    """The stored value's type; a bid's kind."""
    name, content = _tagged_decoder.decode(stored_value).popitem()
    return _name(content) if name == "BidKind" else name
