"""Nodes as the crawling processes see them, one row a node, and what operators want of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from crawler.models.nodes import NODE_ORDER, NODE_STATE, NodeOrder, NodeState
from crawler.models.table import table_of

SEEN_WITHIN = timedelta(seconds=60)
"""An observer writes every few seconds; an older row is of one that has ended."""


@dataclass(frozen=True)
class Node:
    """A node, several observers' views made one: the newest of them, with sums of all."""

    url: str
    state: str
    since: datetime
    seen_at: datetime
    height: int | None
    available_low: int | None
    available_high: int | None
    build_version: str | None
    protocol_version: str | None
    next_upgrade: str | None
    next_upgrade_era: int | None
    reactor_state: str | None
    uptime: str | None
    p50_ms: int | None
    p95_ms: int | None
    calls: int
    failures: int
    in_flight: int
    allowed: int
    score: int
    last_error: str | None
    last_error_at: datetime | None
    observers: int
    orders: tuple["Wish", ...] = ()


@dataclass(frozen=True)
class Wish:
    """What operators want of a node."""

    url: str
    kind: str
    reason: str
    until: datetime | None
    ordered_by: str
    ordered_at: datetime


def nodes(session: Session, now: datetime) -> list[Node]:
    """Those seen of late, by URL, with the wishes that hold. Reads both tables: they are small."""
    wishes = _wishes(session, now)
    fresh = select(table_of(NodeState)).where(NODE_STATE.seen_at >= now - SEEN_WITHIN)
    rows = list(session.execute(fresh.order_by(NODE_STATE.url, NODE_STATE.seen_at.desc())))
    return [
        _merged(list(views), wishes.get(url, ()))
        for url, views in groupby(rows, key=lambda row: str(row.url))
    ]


def wanted_nodes(session: Session, now: datetime) -> list[Wish]:
    """Every wish that holds, by URL and kind."""
    return [wish for wishes in _wishes(session, now).values() for wish in wishes]


def _wishes(session: Session, now: datetime) -> dict[str, tuple[Wish, ...]]:
    names = ("url", "kind", "reason", "until", "ordered_by", "ordered_at")
    holds = NODE_ORDER.until.is_(None) | (NODE_ORDER.until > now)
    question = select(*(NODE_ORDER[name] for name in names)).select_from(table_of(NodeOrder))
    rows = session.execute(question.where(holds).order_by(NODE_ORDER.url, NODE_ORDER.kind))
    found = [Wish(**row._mapping) for row in rows]
    return {url: tuple(wishes) for url, wishes in groupby(found, key=lambda wish: wish.url)}


def _merged(views: list[Row[Any]], wishes: Iterable[Wish]) -> Node:
    newest = dict(views[0]._mapping)
    del newest["observer"]
    for name in ("calls", "failures", "in_flight", "allowed", "score"):
        newest[name] = sum(view._mapping[name] for view in views)
    for name in ("p50_ms", "p95_ms", "height"):
        known = [view._mapping[name] for view in views if view._mapping[name] is not None]
        newest[name] = max(known, default=None)
    return Node(**newest, observers=len(views), orders=tuple(wishes))
