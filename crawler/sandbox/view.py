"""What one node can see of a chain, and how callers name blocks and states in it."""

from dataclasses import dataclass
from typing import Any

from crawler.sandbox.block import Block, Transaction
from crawler.sandbox.chain import Chain
from crawler.sandbox.errors import NO_SUCH_STATE_ROOT, RpcError, invalid_params, no_such_block

Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """A node's chain between the lowest height that it holds and its head."""

    chain: Chain
    low: int
    high: int
    is_v2: bool = True
    """Whether it answers as a 2.x sidecar; else as a 1.x node."""
    missing_results: bool = False
    null_block: bool = False

    @property
    def head(self) -> Block:
        return self.chain.blocks[self.high]

    def block(self, params: Params) -> Block:
        """The block that `block_identifier` names; the head without one."""
        identifier = params.get("block_identifier")
        if identifier is None:
            return self.head
        match identifier:
            case {"Height": int(height)}:
                return self._at(height)
            case {"Hash": str(block_hash)}:
                return self._at(self.chain.heights.get(digest(block_hash), -1))
        raise invalid_params("block_identifier must be a Hash or a Height")

    def state_height(self, params: Params) -> int:
        """The first height with the state that `state_identifier` names; the head without one."""
        identifier = params.get("state_identifier")
        match identifier:
            case None:
                return self.high
            case {"BlockHash": str(block_hash)}:
                return self._at(self.chain.heights.get(digest(block_hash), -1)).height
            case {"BlockHeight": int(height)}:
                return self._at(height).height
            case {"StateRootHash": str(root)}:
                return self.root_height(root)
        raise invalid_params("state_identifier is a BlockHash, BlockHeight or StateRootHash")

    def root_height(self, root: Any) -> int:
        """The first height that has a state root."""
        height = self.chain.first_height_of_root.get(digest(root), -1)
        if not self.holds(height):
            raise RpcError(NO_SUCH_STATE_ROOT, "No such state root", f"{root}")
        return height

    def transaction(self, transaction_hash: Any) -> tuple[Block, Transaction] | None:
        found = self.chain.transaction(digest(transaction_hash))
        return found if found and self.holds(found[0].height) else None

    def holds(self, height: int) -> bool:
        return self.low <= height <= self.high

    def _at(self, height: int) -> Block:
        if not self.holds(height):
            raise no_such_block(self.low, self.high)
        return self.chain.blocks[height]


def digest(text: Any) -> bytes:
    """32 bytes from their hex."""
    try:
        raw = bytes.fromhex(text)
    except (TypeError, ValueError) as error:
        raise invalid_params("a hash is 64 hex digits") from error
    if len(raw) != 32:
        raise invalid_params("a hash is 64 hex digits")
    return raw
