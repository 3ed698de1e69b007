"""What reading an answer can end in.

ParseError       it is not the answer that was asked for   → ask another node
  HashMismatch   a block whose hash does not recompute     → ask another node, distrust this one
ErrorAnswer      the node answered with a JSON-RPC error   → its code tells
"""

from typing import Any


class ParseError(Exception):
    """Names the RPC method, the JSON path and what was expected there; the caller adds the node."""

    def __init__(self, method: str, problem: str, path: str = "$") -> None:
        super().__init__(f"{method}: {problem} at {path}")
        self.method = method
        self.problem = problem
        self.path = path


class HashMismatch(ParseError):
    """A block's header or body does not hash to what the node claims."""

    def __init__(self, height: int, part: str, *, claimed: str, computed: str) -> None:
        problem = f"block {height} claims {part} hash {claimed}, computed {computed}"
        super().__init__("chain_get_block", problem)
        self.height = height
        self.part = part
        self.claimed = claimed
        self.computed = computed


class ErrorAnswer(Exception):
    """A JSON-RPC error; `data` is decoded JSON, None when absent.

    `available_block_range` is (low, high) where the node told it (1.5 and later).
    """

    def __init__(
        self,
        code: int,
        message: str,
        data: Any = None,
        available_block_range: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.data = data
        self.available_block_range = available_block_range
