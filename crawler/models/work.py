"""The state of the crawl and of its jobs."""

from datetime import datetime

from sqlalchemy import Index, String

from crawler.columns import Height, Hex, UtcTime
from crawler.models.table import TEXT, Base, column, key, optional, table_of


class Sweep(Base, table=True):
    """Where a background job is in the chain: a height, or an era id. Its lock, too."""

    name: str = key(String(32))
    height: int = column(Height)


class CrawlRange(Base, table=True):
    """Heights that are not all held. The row goes when a count of `block` says that they are."""

    __tablename__ = "crawl_range"
    __table_args__ = (Index("ix_crawl_range_lease", "lease_until", "first"), TEXT)  # to claim

    first: int = key(Height)
    last: int = column(Height)
    owner: str | None = optional(String(64))
    lease_until: datetime | None = optional(UtcTime)
    attempts: int = 0
    last_error: str | None = optional(String(500))


class CrawlState(Base, table=True):
    """The one row of what the crawl knows of its network and of itself."""

    __tablename__ = "crawl_state"

    id: int = key(Height)
    network: str = column(String(100))
    crawl_from: int = column(Height)
    planned_to: int = column(Height)
    """Every height from `crawl_from` to here is held or in a `crawl_range`; -1 below that."""
    head_height: int | None = optional(Height)
    head_hash: str | None = optional(Hex(32))
    head_era_id: int | None = optional(Height)
    head_timestamp: datetime | None = optional(UtcTime)
    head_seen_at: datetime | None = optional(UtcTime)
    """When the nodes were last asked and agreed."""
    head_changed_at: datetime | None = optional(UtcTime)
    failure: str | None = optional(String(500))
    """Why the crawl cannot go on; null while it can."""


class Lease(Base, table=True):
    """Who does what only one process of all machines may do, and until when."""

    name: str = key(String(50))
    owner: str = column(String(64))
    until: datetime = column(UtcTime)


class JobOrder(Base, table=True):
    """What operators want of a job; no row: let it run as planned."""

    __tablename__ = "job_order"

    name: str = key(String(50))
    paused: bool = False
    paused_by: str | None = optional(String(100))
    paused_at: datetime | None = optional(UtcTime)
    wanted_at: datetime | None = optional(UtcTime)
    """Run it at once; cleared when it starts."""
    first: int | None = optional(Height)
    last: int | None = optional(Height)
    """What the wanted run is about: eras or heights, both ends included."""
    cancel_at: datetime | None = optional(UtcTime)
    """End the run under way as soon as that leaves nothing half done; cleared when one starts."""
    ordered_by: str = column(String(100))
    ordered_at: datetime = column(UtcTime)


class JobRun(Base, table=True):
    """One run of a job; without `ended_at` it is under way, or its process was killed."""

    __tablename__ = "job_run"
    __table_args__ = (Index("ix_job_run_started", "started_at"), TEXT)  # newest runs of all jobs

    name: str = key(String(50))
    started_at: datetime = key(UtcTime)
    owner: str = column(String(64))
    ordered_by: str | None = optional(String(100))
    """Who wanted this run; null: it was due."""
    first: int | None = optional(Height)
    last: int | None = optional(Height)
    """What it is about, where an order said so: eras or heights, both ends included."""
    progress: str | None = optional(String(200))
    percent: int | None = None
    """How far it is, as it last said itself; null: it does not say."""
    ended_at: datetime | None = optional(UtcTime)
    result: str | None = optional(String(500))
    error: str | None = optional(String(500))


SWEEP = table_of(Sweep).c
CRAWL_RANGE = table_of(CrawlRange).c
CRAWL_STATE = table_of(CrawlState).c
LEASE = table_of(Lease).c
JOB_ORDER = table_of(JobOrder).c
JOB_RUN = table_of(JobRun).c
