"""What the page of nodes shows, as text. Pure."""

from dataclasses import dataclass
from datetime import datetime

from casper_dash.admin.words import grouped, passed
from casper_dash.queries.operation.nodes import Node, Wish

_TONES = {"in_use": "ok", "pruned": "ok", "unasked": "plain", "resting": "plain"}
_BAD = ("wrong_chain", "quarantined", "banned")
_PER_CENT = 100


@dataclass(frozen=True)
class NodeRow:
    """A node."""

    url: str = ""
    state: str = ""
    tone: str = "plain"
    height: str = ""
    behind: str = ""
    holds: str = ""
    delay: str = ""
    errors: str = ""
    version: str = ""
    uptime: str = ""
    weight: str = ""
    last_error: str = ""
    held_back: bool = False
    """By an operator's order."""


@dataclass(frozen=True)
class WishRow:
    """What somebody wants of a node."""

    url: str = ""
    kind: str = ""
    reason: str = ""
    by: str = ""
    until: str = ""


def node_row(node: Node, head: int | None, now: datetime) -> NodeRow:
    """A node against the chain's head."""
    behind = head - node.height if head is not None and node.height is not None else None
    failed = node.failures * _PER_CENT / node.calls if node.calls else 0.0
    low, high = node.available_low, node.available_high
    upgrade = f" → {node.next_upgrade}" if node.next_upgrade else ""
    return NodeRow(
        url=node.url,
        state=node.state.replace("_", " "),
        tone="error" if node.state in _BAD else _TONES.get(node.state, "warn"),
        height="–" if node.height is None else grouped(node.height),
        behind="" if not behind or behind < 0 else f"{grouped(behind)} behind",
        holds="–" if low is None or high is None else f"{grouped(low)} – {grouped(high)}",
        delay="–" if node.p50_ms is None else f"{node.p50_ms} / {node.p95_ms}",
        errors=f"{failed:.1f}",
        version=(node.build_version or node.protocol_version or "–") + upgrade,
        uptime=node.uptime or "–",
        weight=str(node.score),
        last_error=_error(node, now),
        held_back=any(wish.kind in ("ban", "rest") for wish in node.orders),
    )


def _error(node: Node, now: datetime) -> str:
    if not node.last_error or node.last_error_at is None:
        return ""
    return f"{passed(node.last_error_at, now)} ago: {node.last_error}"


def wish_row(wish: Wish, now: datetime) -> WishRow:
    """An order that holds."""
    until = "until taken back" if wish.until is None else f"for {passed(now, wish.until)}"
    by = f"{wish.ordered_by}, {passed(wish.ordered_at, now)} ago"
    return WishRow(wish.url, wish.kind, wish.reason, by, until)
