"""Calling one of the sandbox's nodes in this process, without HTTP."""

import json
from typing import Any

from crawler.sandbox.chain import Chain
from crawler.sandbox.faults import parse_faults
from crawler.sandbox.node import Node
from crawler.sandbox.parameters import ChainParameters

SMALL = ChainParameters(blocks_per_era=5, upgrade_era=8)


def grown(parameters: ChainParameters, height: int) -> Chain:
    chain = Chain(parameters)
    chain.advance(height)
    return chain


def node(chain: Chain, **faults: Any) -> Node:
    made = Node(0, chain)
    made.switch(parse_faults(faults))
    return made


def ask(asked: Node, method: str, params: Any = None) -> dict[str, Any]:
    """The whole JSON-RPC answer."""
    call = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    return json.loads(asked.answer(json.dumps(call).encode()))


def result(asked: Node, method: str, params: Any = None) -> dict[str, Any]:
    answer = ask(asked, method, params)
    assert "result" in answer, answer
    return answer["result"]


def error(asked: Node, method: str, params: Any = None) -> dict[str, Any]:
    answer = ask(asked, method, params)
    assert "error" in answer, answer
    return answer["error"]


def at(height: int) -> dict[str, Any]:
    return {"block_identifier": {"Height": height}}
