"""One node: a chain seen through its faults, and the bytes that it answers with."""

import random
import re
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import msgspec

from crawler.sandbox.accounts import checksummed
from crawler.sandbox.chain import Chain
from crawler.sandbox.errors import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    PARSE_ERROR,
    RpcError,
)
from crawler.sandbox.faults import HONEST, Faults
from crawler.sandbox.methods import METHODS, call_method
from crawler.sandbox.parameters import CHECKSUMMED_VERSION, ChainParameters
from crawler.sandbox.view import View

API_VERSION_V1 = "1.5.6"
API_VERSION_V2 = "2.0.0"
_HEX = re.compile(rb"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{66}|[0-9a-f]{68})(?![0-9a-f])")


class _Call(msgspec.Struct):
    method: str
    id: msgspec.Raw = msgspec.Raw(b"null")
    params: Any = None


_decode = msgspec.json.Decoder(_Call).decode
_encode = msgspec.json.Encoder().encode


class Node:
    def __init__(self, number: int, chain: Chain) -> None:
        self.number = number
        self._honest_chain = chain
        self._lying_chain: Chain | None = None
        self.calls: Counter[str] = Counter()
        """How often each method was asked."""
        self.answer_bytes = 0
        """Of all answers to calls, faults of the transport aside."""
        self.switch(HONEST)

    def switch(self, faults: Faults) -> None:
        """Give the node these faults and no others."""
        self.faults = faults
        self._lying_chain = None
        self._pace = Pace(faults.delay_qps)
        self._limit = Pace(faults.rate_limit)
        self._random = random.Random(self.number)  # noqa: S311 (no secret)

    def delay_s(self) -> float:
        """How long the answer to a call that came now must wait."""
        return self.faults.latency_ms / 1000 + self._pace.wait_s(time.monotonic())

    def refuses(self) -> bool:
        """Whether a call that came now is one too many."""
        return not self._limit.has_room(time.monotonic())

    def answer(self, body: bytes) -> bytes:
        """The JSON-RPC answer to one call."""
        try:
            call = _decode(body)
        except msgspec.ValidationError as error:
            return _error(b"null", RpcError(INVALID_REQUEST, "Invalid Request", str(error)))
        except msgspec.DecodeError as error:
            return _error(b"null", RpcError(PARSE_ERROR, "Parse error", str(error)))
        self.calls[call.method if call.method in METHODS else "unknown"] += 1
        try:
            return self._answer(call)
        except RpcError as error:
            return _error(bytes(call.id), error)

    def view(self) -> View:
        """What the node sees now. It is meant for one call: the chain goes on."""
        chain = self._chain()
        high = max(chain.height - self.faults.behind, 0)
        is_v2 = self.faults.dialect == "sidecar"
        if not is_v2:
            last = chain.switch_block(chain.parameters.upgrade_era - 1)
            high = min(high, last.height if last else high)
        return View(
            chain,
            low=min(self.faults.low, high),
            high=high,
            is_v2=is_v2,
            missing_results=self.faults.missing_results,
            null_block=self.faults.null_block,
        )

    def _answer(self, call: _Call) -> bytes:
        if self.faults.error_rate and self._random.random() < self.faults.error_rate:
            raise RpcError(INTERNAL_ERROR, "Internal error", "an invented fault")
        view = self.view()
        result, block = call_method(view, call.method, call.params)
        if call.method == "info_get_status" and self.faults.catching_up:
            result["reactor_state"] = "CatchUp"
        if call.method == "chain_get_block" and self.faults.lie:
            _falsify(result, self.faults)
        api_version = API_VERSION_V2 if view.is_v2 else API_VERSION_V1
        encoded = _encode({"api_version": api_version, **result})
        if block is not None and block.header.protocol_version == CHECKSUMMED_VERSION:
            encoded = _HEX.sub(_checksummed, encoded)
        return b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (bytes(call.id), encoded)

    def _chain(self) -> Chain:
        if not (self.faults.other_chain or self.faults.lie == "fork"):
            return self._honest_chain
        if self._lying_chain is None:
            self._lying_chain = Chain(self._lying_parameters())
        _follow(self._lying_chain, self._honest_chain)
        return self._lying_chain

    def _lying_parameters(self) -> ChainParameters:
        honest = self._honest_chain.parameters
        if self.faults.other_chain:
            return replace(honest, seed=honest.seed + 1, chain_name=f"{honest.chain_name}-other")
        fork_height = self.faults.fork_from or max(1, self._honest_chain.height // 2)
        return replace(honest, fork_height=fork_height)


class Pace:
    """A number of calls a second; 0 is without end."""

    def __init__(self, calls_a_second: int) -> None:
        self._allowed = calls_a_second
        self._second = 0.0
        self._taken = 0

    def has_room(self, now: float) -> bool:
        """Take a place in this second, if there is one left."""
        if not self._allowed:
            return True
        self._turn(now)
        if self._taken >= self._allowed:
            return False
        self._taken += 1
        return True

    def wait_s(self, now: float) -> float:
        """Take a place and tell how long it is until then; a place put off is taken too."""
        if not self._allowed:
            return 0
        self._turn(now)
        if self._taken >= self._allowed:
            self._second, self._taken = self._second + 1, 0
        self._taken += 1
        return max(0.0, self._second - now)

    def _turn(self, now: float) -> None:
        if now >= self._second + 1:
            self._second, self._taken = now, 0


def _follow(chain: Chain, honest: Chain) -> None:
    """Bring another history to the honest one's height, block times alike."""
    for block in honest.blocks[len(chain.blocks) :]:
        chain.add_block(block.header.timestamp_ms)


def _falsify(result: dict[str, Any], faults: Faults) -> None:
    signed = result.get("block_with_signatures")
    block = next(iter(signed["block"].values())) if signed else result.get("block")
    if block is None:
        return
    if faults.lie == "hash":
        block["hash"] = _flipped(block["hash"])
    if faults.lie == "body":
        body = block["body"]
        if "transactions" in body:
            body["transactions"] = {**body["transactions"], "3": [{"Deploy": block["hash"]}]}
        else:
            body["deploy_hashes"] = [*body["deploy_hashes"], block["hash"]]


def _flipped(text: str) -> str:
    return f"{int(text[0], 16) ^ 1:x}{text[1:]}"


def _checksummed(match: re.Match[bytes]) -> bytes:
    return checksummed(match.group().decode()).encode()


def _error(call_id: bytes, error: RpcError) -> bytes:
    return b'{"jsonrpc":"2.0","id":%b,"error":%b}' % (call_id, _encode(error.as_json()))
