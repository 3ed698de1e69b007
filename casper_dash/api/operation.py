"""How the API is run, besides its database: what an operator sets."""

from dataclasses import dataclass, field

from sqlalchemy import Engine

from casper_dash.settings import AppSettings
from crawler.database import make_reading_engine

QUERY_TIME_S = 5.0


@dataclass(frozen=True)
class Operation:
    """`replicas` are read from while they live and do not lag; the caller owns them.

    `published_only`: a circulating supply that no administrator has published is not told to
    listing sites. `query_time_s`: seconds after which a question is cancelled.
    `metrics_token`: asked of whoever reads /metrics; empty: loopback alone may.
    `requests_a_minute`: what one client may ask of the API, 0: no limit; `trusted_proxies` say
    who is a client. `cache_bytes`: how much of ready answers is held.
    """

    replicas: tuple[Engine, ...] = ()
    published_only: bool = False
    query_time_s: float = QUERY_TIME_S
    metrics_token: str = field(default="", repr=False)
    requests_a_minute: int = 0
    trusted_proxies: tuple[str, ...] = ()
    cache_bytes: int = 64 * 2**20


def operation_of(settings: AppSettings) -> Operation:
    """What the settings say. Connects to no replica yet."""
    replicas = (
        make_reading_engine(settings.model_copy(update={"database_url": url}))
        for url in settings.database_replica_urls
    )
    return Operation(
        replicas=tuple(replicas),
        published_only=settings.environment == "production",
        metrics_token=settings.metrics_token,
        requests_a_minute=settings.api_requests_a_minute,
        trusted_proxies=settings.trusted_proxies,
        cache_bytes=settings.api_cache_mib * 2**20,
    )
