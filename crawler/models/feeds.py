"""What other sources say: prices, and where nodes are."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index, String
from sqlmodel import Field

from crawler.columns import Exact, Height, Hex, UtcTime
from crawler.models.table import TEXT, Base, column, key, optional, table_of


class Price(Base, table=True):
    """CSPR/USD of one hour (its beginning, UTC)."""

    hour: datetime = key(UtcTime)
    open: Decimal = column(Exact(24, 12))
    high: Decimal = column(Exact(24, 12))
    low: Decimal = column(Exact(24, 12))
    close: Decimal = column(Exact(24, 12))
    volume_cspr: Decimal = column(Exact(30, 8))
    volume_usd: Decimal = column(Exact(30, 8))
    rounded: bool = Field(default=False, sa_column_kwargs={"default": False})
    """From the older platform, single precision: to be fetched again like a missing hour."""


class PriceGap(Base, table=True):
    """An hour that the source was asked for and had no price of; asked for again, ever more
    rarely."""

    __tablename__ = "price_gap"

    hour: datetime = key(UtcTime)
    attempts: int
    ask_after: datetime = column(UtcTime)


class Peer(Base, table=True):
    """A node of the network and its place, as one refresh saw it."""

    version: int = key(Height)
    address: str = key(String(100))
    public_key: str | None = optional(Hex(34, exact=False))
    node_version: str | None = optional(String(32))
    role: str | None = optional(String(16))
    country: str | None = optional(String(2))
    region: str | None = optional(String(100))
    city: str | None = optional(String(100))
    postal: str | None = optional(String(20))
    timezone: str | None = optional(String(64))
    organisation: str | None = optional(String(200))
    latitude: Decimal | None = optional(Exact(9, 6))
    longitude: Decimal | None = optional(Exact(9, 6))
    performance: Decimal | None = optional(Exact(12, 6))


class PeerVersion(Base, table=True):
    """One whole refresh of peers; the newest is the one shown."""

    __tablename__ = "peer_version"

    version: int = key(Height)
    refreshed_at: datetime = column(UtcTime)
    source: str = column(String(200))


class LearntNode(Base, table=True):
    """A JSON-RPC address made from a peer's, and whether it has proved to hold our chain."""

    __tablename__ = "learnt_node"
    __table_args__ = (Index("ix_learnt_node_ask", "ask_after"), TEXT)  # whom to ask next

    url: str = key(String(100))
    ask_after: datetime = column(UtcTime)
    proven_at: datetime | None = optional(UtcTime)
    """When it last named our blocks; null: not yet, or it failed since."""
    failures: int = 0
    """In a row."""
    last_error: str | None = optional(String(200))


PRICE = table_of(Price).c
PRICE_GAP = table_of(PriceGap).c
PEER = table_of(Peer).c
PEER_VERSION = table_of(PeerVersion).c
LEARNT_NODE = table_of(LearntNode).c
