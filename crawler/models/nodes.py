"""What each crawling process sees of each node, and what operators want of nodes."""

from datetime import datetime

from sqlalchemy import String

from crawler.columns import Height, UtcTime
from crawler.models.table import Base, column, key, optional, table_of

_URL_LENGTH = 250


class NodeState(Base, table=True):
    """A node as one process saw it a few seconds ago; rows of processes that ended soon go."""

    __tablename__ = "node_state"

    url: str = key(String(_URL_LENGTH))
    """As `shown_url` has it: nothing secret."""
    observer: str = key(String(64))
    """Machine and process."""
    state: str = column(String(20))
    """One of `crawler.node.member.STATES`."""
    since: datetime = column(UtcTime)
    """When this process first saw it in this state."""
    seen_at: datetime = column(UtcTime)
    """When this row was written."""
    height: int | None = optional(Height)
    available_low: int | None = optional(Height)
    available_high: int | None = optional(Height)
    build_version: str | None = optional(String(50))
    protocol_version: str | None = optional(String(20))
    next_upgrade: str | None = optional(String(20))
    """Protocol version that the node is to go over to; null: none is announced."""
    next_upgrade_era: int | None = optional(Height)
    reactor_state: str | None = optional(String(40))
    uptime: str | None = optional(String(50))
    """As the node words it: `1day 2h 3m 4s`."""
    p50_ms: int | None = None
    p95_ms: int | None = None
    """Of the last answers; null: it has not answered yet."""
    calls: int = column(Height)
    failures: int = column(Height)
    """Calls of this process since it started, and those of them that were no answer."""
    in_flight: int
    allowed: int
    """Calls in flight that its pace allows now."""
    score: int
    """Calls a second that it is good for, which is what it is chosen by; 0 while not in use."""
    last_error: str | None = optional(String(500))
    last_error_at: datetime | None = optional(UtcTime)


class NodeOrder(Base, table=True):
    """What operators want of a node; one row for each kind of wish."""

    __tablename__ = "node_order"

    url: str = key(String(_URL_LENGTH))
    """As `shown_url` has it: that is how nodes are named to operators."""
    kind: str = key(String(10))
    """`add`, `ban`, `rest` or `test`."""
    address: str | None = optional(String(500))
    """Of one that was added: the whole address, which may hold a key. Not to be shown."""
    reason: str = column(String(200))
    until: datetime | None = optional(UtcTime)
    """When the wish ends by itself; null: never."""
    ordered_by: str = column(String(100))
    ordered_at: datetime = column(UtcTime)


NODE_STATE = table_of(NodeState).c
NODE_ORDER = table_of(NodeOrder).c
