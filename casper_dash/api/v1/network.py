"""/api/v1/network"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session

from casper_dash.api.caching import newest
from casper_dash.api.kinds import (
    FLAG,
    HASH,
    RANGES,
    TEXT,
    TIME,
    WHOLE,
    Field,
    choice,
    nested,
)
from casper_dash.api.resource import Found, Item, Resource
from casper_dash.queries.network import MISSING_SHOWN, BlockPoint, Crawl, crawl, crawl_state
from crawler.network import Network

_POINT = nested(
    (
        Field("height", WHOLE, "The block's height."),
        Field("hash", HASH, "The block's hash."),
        Field("era_id", WHOLE, "The era that the block is in."),
        Field("timestamp", TIME, "The block's time."),
    )
)
_STATES = choice("catching_up", "at_head", "paused", "failed", "chain_halted")


def network_resource(network: Network) -> Resource:
    """The declaration for this network."""

    def find(session: Session, _key: None, now: datetime) -> Found:
        known = crawl(session)
        timestamp = known.newest.timestamp if known.newest else None
        return Found(_row(network, known, now), newest(timestamp, now))

    return Resource(
        name="network",
        path="/api/v1/network",
        description="The network that is followed, and how far the crawl has got.",
        fields=_FIELDS,
        item=Item(summary="The network and the crawl", find=find),
    )


def _row(network: Network, known: Crawl, now: datetime) -> dict[str, Any]:
    lag_blocks, lag_seconds = _lag(known.head, known.newest)
    return {
        "name": network.name,
        "title": network.title or network.name,
        "sandbox": network.sandbox,
        "state": crawl_state(known, now),
        "paused_by": known.pause.by if known.pause else None,
        "paused_at": known.pause.at if known.pause else None,
        "head": asdict(known.head) if known.head else None,
        "newest": asdict(known.newest) if known.newest else None,
        "lag_blocks": lag_blocks,
        "lag_seconds": lag_seconds,
        "missing": known.missing,
        "missing_blocks": known.missing_count,
        "held": known.held,
        "expected": known.expected,
        "protocol_version": known.protocol_version,
        "updated_at": known.head_seen_at,
    }


def _lag(head: BlockPoint | None, newest: BlockPoint | None) -> tuple[int | None, int | None]:
    """Blocks, and seconds of the chain's own time, so that a halted chain is no lag of ours."""
    if head is None or newest is None:
        return None, None
    seconds = (head.timestamp - newest.timestamp).total_seconds()
    return max(head.height - newest.height, 0), max(round(seconds), 0)


_FIELDS = (
    Field("name", TEXT, "Its chainspec name."),
    Field("title", TEXT, "Its name for people."),
    Field("sandbox", FLAG, "Whether it is the bundled one for first runs and tests."),
    Field(
        "state",
        _STATES,
        "What the crawl is doing. chain_halted: the nodes answer, but their head stands still,"
        " and all is held; paused: operators want it so, or nobody asks the nodes.",
    ),
    Field("paused_by", TEXT, "The operator who has paused the crawl.", nullable=True),
    Field("paused_at", TIME, "When that was.", nullable=True),
    Field("head", _POINT, "The newest block that the nodes agree on.", nullable=True),
    Field("newest", _POINT, "The newest block that is held.", nullable=True),
    Field("lag_blocks", WHOLE, "Blocks from newest to head.", nullable=True),
    Field("lag_seconds", WHOLE, "Seconds of the chain's time between them.", nullable=True),
    Field(
        "missing",
        RANGES,
        f"Heights up to the head that are not held, newest first, both ends inclusive. Of a crawl"
        f" with more open ranges, what is missing in the newest {MISSING_SHOWN} of them.",
    ),
    Field("missing_blocks", WHOLE, "How many heights are missing in all."),
    Field("held", WHOLE, "How many heights are held of those expected."),
    Field("expected", WHOLE, "How many heights there are from the first to hold to the head."),
    Field("protocol_version", TEXT, "The newest block's.", nullable=True),
    Field("updated_at", TIME, "When the nodes last agreed on a head.", nullable=True),
)
