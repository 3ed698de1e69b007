"""What asking nodes for a state's data ended in: an answer, none for good, or none for now."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from crawler.enrich.nodes import holds_state
from crawler.node.errors import NoNode
from crawler.node.pool import Pool

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Told(Generic[Answer]):
    """`answer` is None when every node that holds the state says that it has none."""

    answer: Answer | None


async def ask_state(
    pool: Pool,
    method: str,
    params: dict[str, Any],
    parse: Callable[[msgspec.Raw], Answer | None],
    *,
    height: int,
) -> Told[Answer] | None:
    """What the nodes tell about the state at `height`; None: nothing that lasts, ask later."""
    try:
        return Told(await pool.ask(method, params, parse, height=height))
    except NoNode:
        return Told(None) if holds_state(pool, height) else None
