"""What can go wrong with nodes, by what the caller does next.

NodeError               anything that went wrong with one node
  NodeUnreachable       no whole answer: refused, timed out, cut off, 5xx,
                        or JSON-RPC's "internal error"              → rest it, ask another
  NodeBusy              it asked for fewer calls (429)                      → rest it, ask another
  NodeLacks             it does not hold what was asked                     → ask another
  NodeRefused           it answered with another JSON-RPC error             → ask another
  NodeUnreadable        its answer does not parse or fits no question       → ask another; it is
                        put in quarantine once another node has answered well
  NodeLied              its answer contradicts itself: a wrong hash         → quarantine it
NoNode                  every node failed; names each and its reason        → try later
"""

from crawler.addresses import shown_url


class NodeError(Exception):
    """One node could not give what it was asked for; the message names the node."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{shown_url(url)}: {reason}")
        self.url = url
        self.reason = reason


class NodeUnreachable(NodeError): ...


class NodeBusy(NodeError):
    def __init__(self, url: str, retry_after_s: float) -> None:
        super().__init__(url, f"asks for fewer calls (429), again in {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class NodeLacks(NodeError): ...


class NodeRefused(NodeError): ...


class NodeUnreadable(NodeError): ...


class NodeLied(NodeError): ...


class NoNode(Exception):
    """No node gave a right answer in time."""

    def __init__(self, wanted: str, reasons: dict[str, str]) -> None:
        told = "; ".join(f"{shown_url(url)}: {reason}" for url, reason in reasons.items())
        super().__init__(f"no node answers {wanted}: {told or 'no node is usable'}")
