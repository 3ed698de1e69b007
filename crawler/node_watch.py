"""Tells operators what this process sees of its nodes, and hears what they want of them."""

import time
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select
from sqlmodel import Session

from crawler import node_orders
from crawler.database import upsert
from crawler.models.nodes import NODE_STATE, NodeState
from crawler.node.member import Member, Wish
from crawler.node.pool import Pool
from crawler.telemetry import Gauges, Labelled

MOST_SHOWN = 100
_GONE_AFTER = timedelta(seconds=60)
"""A row that nobody has written for so long is of a process or a node that is no more."""

Row = dict[str, Any]


class NodeWatch:
    """One process's view of its pool."""

    def __init__(self, pool: Pool, observer: str) -> None:
        self._pool = pool
        self._observer = observer
        self._since: dict[str, tuple[str, datetime]] = {}
        """URL → its state, and when it was first seen in it."""

    def rows(self, now: datetime) -> list[Row]:
        """One row of `node_state` a node. Of nodes that are shown alike, the last one's."""
        clock = time.monotonic()
        told = [m.status.head.height for m in self._pool.members if m.status and m.status.head]
        highest = max(told, default=0)
        seen: dict[str, tuple[str, datetime]] = {}
        rows: dict[str, Row] = {}
        for member in self._pool.members:
            url, state = member.node.name[:250], member.state(clock, highest)
            before = self._since.get(url)
            seen[url] = before if before is not None and before[0] == state else (state, now)
            own = {"url": url, "observer": self._observer, "state": state, "seen_at": now}
            rows[url] = {**own, "since": seen[url][1], **_told(member), **_measured(member, clock)}
        self._since = seen
        return list(rows.values())

    def exchange(self, session: Session, rows: list[Row], now: datetime) -> list[Wish]:
        """Writes these rows, drops those that nobody has written for a minute; what is wanted."""
        old = NODE_STATE.seen_at < now - _GONE_AFTER
        # asked first: deleting would look at, and lock, what all the others write
        for gone in session.execute(select(NODE_STATE.url, NODE_STATE.observer).where(old)).all():
            session.execute(delete(NodeState).where(_is(*gone), old))
        changed = NodeState.model_fields.keys() - {"url", "observer"}
        upsert(session, NodeState, rows, lambda new: {name: new[name] for name in changed})
        return node_orders.wishes(session, now)

    def forget(self, session: Session) -> None:
        """Drops this process's rows: it ends."""
        session.execute(delete(NodeState).where(NODE_STATE.observer == self._observer))


def node_gauges(session: Session) -> Gauges:
    """Of at most MOST_SHOWN nodes: how many processes see each in each state, and its height and
    score, the highest and the sum of theirs."""
    states: Labelled = defaultdict(float)
    scores: Labelled = defaultdict(float)
    heights: Labelled = {}
    urls = select(NODE_STATE.url).distinct().order_by(NODE_STATE.url).limit(MOST_SHOWN)
    shown = set(session.execute(urls).scalars())
    question = select(NODE_STATE.url, NODE_STATE.state, NODE_STATE.score, NODE_STATE.height)
    for row in session.execute(question).all():
        if row.url not in shown:
            continue
        node = (("node", row.url),)
        states[(*node, ("state", row.state))] += 1
        scores[node] += row.score
        if row.height is not None:
            heights[node] = max(heights.get(node, 0), row.height)
    return {
        "crawler_node_state": dict(states),
        "crawler_node_score": dict(scores),
        "crawler_node_height": heights,
    }


def _is(url: str, observer: str) -> ColumnElement[bool]:
    return and_(NODE_STATE.url == url, NODE_STATE.observer == observer)


def _told(member: Member) -> Row:
    """What the node says of itself, cut to what the columns hold."""
    status = member.status
    low, high = (None, None) if member.held is None else member.held
    return {
        "height": None if status is None or status.head is None else status.head.height,
        "available_low": low,
        "available_high": high,
        "build_version": status and _cut(status.build_version, 50),
        "protocol_version": status and _cut(status.protocol_version, 20),
        "next_upgrade": status and _cut(status.next_upgrade, 20),
        "next_upgrade_era": status and status.next_upgrade_era,
        "reactor_state": status and _cut(status.reactor_state, 40),
        "uptime": status and _cut(status.uptime, 50),
    }


def _measured(member: Member, clock: float) -> Row:
    return {
        "p50_ms": member.percentile_ms(50),
        "p95_ms": member.percentile_ms(95),
        "calls": member.calls,
        "failures": member.calls_failed,
        "in_flight": member.in_flight,
        "allowed": member.pace.limit,
        "score": member.score(clock),
        "last_error": _cut(member.last_error, 500),
        "last_error_at": member.last_error_at,
    }


def _cut(text: str | None, length: int) -> str | None:
    return None if text is None else text[:length]
