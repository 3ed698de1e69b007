"""Whether an unknown node holds our chain: it must name three of our blocks right."""

import asyncio
import secrets
from collections.abc import Callable

import msgspec

from crawler.node.errors import NodeError
from crawler.node.rpc import Node
from crawler.parse.blocks import parse_block
from crawler.parse.records import StatusRecord
from crawler.parse.status import parse_status

ASKED_BLOCKS = 3
HeldBlocks = Callable[[int, int], list[tuple[int, str]]]
"""First and last height → (height, hash) of some blocks that we hold between them."""


class Unproven(Exception):
    """The node is no help now; the message is one line that says why."""


async def prove(node: Node, chain: str, held_blocks: HeldBlocks) -> None:
    """Returns if the node follows `chain` and agrees with blocks of ours. Raises Unproven."""
    try:
        status = await node.ask("info_get_status", {}, parse_status)
        low, high = _held_span(status, chain)
        common = await asyncio.to_thread(held_blocks, low, high)
        for height, block_hash in _choose(common, low, high):
            said = await node.ask(
                "chain_get_block", {"block_identifier": {"Height": height}}, _block_hash
            )
            if said != block_hash:
                raise Unproven(f"block {height} is {block_hash}, it says {said}")
    except NodeError as error:
        raise Unproven(error.reason) from error


def _held_span(status: StatusRecord, chain: str) -> tuple[int, int]:
    if status.chain_name != chain:
        raise Unproven(f"follows the network {status.chain_name!r}, not {chain!r}")
    if status.head is None:
        raise Unproven("has no block yet")
    return status.available_low or 0, status.head.height


def _choose(common: list[tuple[int, str]], low: int, high: int) -> list[tuple[int, str]]:
    """Some at random: a liar that knew which would have to answer only these rightly."""
    if len(common) < ASKED_BLOCKS:
        raise Unproven(f"fewer than {ASKED_BLOCKS} blocks in common from {low} to {high}")
    return secrets.SystemRandom().sample(common, ASKED_BLOCKS)


def _block_hash(result: msgspec.Raw) -> str | None:
    block = parse_block(result)
    return None if block is None else block.hash
