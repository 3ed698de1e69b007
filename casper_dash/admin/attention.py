"""What somebody should look at, worst first, each with what mends it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from casper_dash.admin.words import grouped, passed
from casper_dash.queries.operation.home import Home
from casper_dash.queries.operation.pill import Pill
from crawler.orders import CRAWL

_PRICE_LATE = timedelta(hours=3)
_FINE = ("in_use", "pruned", "unasked")
_RANKS = {"error": 0, "warn": 1, "info": 2}
_NODE_FAULTS = {
    "banned": ("info", "is banned"),
    "resting": ("info", "rests"),
    "wrong_chain": ("error", "follows another network"),
    "quarantined": ("error", "is in quarantine: it contradicted the others"),
    "unreachable": ("warn", "does not answer"),
    "catching_up": ("warn", "is itself catching up"),
    "behind": ("warn", "is behind"),
}


@dataclass(frozen=True)
class Attention:
    """One thing to look at.

    `fix` says what its button does: "job" runs the job `target`, "resume" lets the crawl go on,
    "page" opens the route `target`, "" has none.
    """

    severity: str = "info"
    text: str = ""
    detail: str = ""
    fix: str = ""
    target: str = ""
    label: str = ""


def attention(crawl: Pill, home: Home, now: datetime) -> list[Attention]:
    """All of them, the worst first; empty when nothing is wrong."""
    found = [
        *_crawl(crawl, home, now),
        *_jobs(home, now),
        *_nodes(home, crawl),
        *_prices(home, now),
    ]
    return sorted(found, key=lambda one: _RANKS[one.severity])


def _crawl(crawl: Pill, home: Home, now: datetime) -> Iterator[Attention]:
    order = home.orders.get(CRAWL)
    if crawl.failure:
        yield Attention("error", "The crawl cannot go on", crawl.failure)
    if order is not None and order.paused:
        since = f", {passed(order.paused_at, now)} ago" if order.paused_at else ""
        by = f"Paused by {order.paused_by or 'somebody'}{since}"
        yield Attention("warn", "The crawl is paused", by, "resume", CRAWL, "Resume the crawl")
    elif crawl.state == "paused":
        yield Attention(
            "error",
            "No crawler asks the nodes",
            "Nobody has asked for the chain's head within a minute. Is a crawler running?",
        )
    if crawl.state == "chain_halted":
        yield Attention("warn", "The chain stands still", "All is held; nodes name no newer block.")
    if crawl.missing and crawl.state == "catching_up":
        what = f"{grouped(crawl.missing)} blocks to go"
        yield Attention("info", "Catching up", what, "page", "/sync", "See sync")


def _jobs(home: Home, now: datetime) -> Iterator[Attention]:
    for name, run in sorted(home.last_runs.items()):
        if run.error:
            when = f"{passed(run.ended_at or run.started_at, now)} ago: {run.error}"
            yield Attention("error", f"Job {name} failed", when, "job", name, f"Run {name} again")


def _nodes(home: Home, crawl: Pill) -> Iterator[Attention]:
    for node in home.nodes:
        if node.state in _FINE:
            continue
        severity, words = _NODE_FAULTS.get(node.state, ("warn", f"is {node.state}"))
        behind = crawl.head - node.height if crawl.head and node.height is not None else 0
        detail = f"{grouped(behind)} blocks below the head" if behind > 0 else node.last_error or ""
        yield Attention(severity, f"Node {node.url} {words}", detail, "page", "/nodes", "See nodes")


def _prices(home: Home, now: datetime) -> Iterator[Attention]:
    if home.newest_price is None or "prices" not in home.last_runs:
        return
    if now - home.newest_price > _PRICE_LATE + timedelta(hours=1):  # an hour is named by its start
        age = passed(home.newest_price, now)
        detail = f"The newest hour began {age} ago"
        yield Attention("warn", "Prices are old", detail, "job", "prices", "Fetch prices")
