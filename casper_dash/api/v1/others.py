"""What of version 1 is no resource: plain-text figures, and the events."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from casper_dash.api.database import Database
from casper_dash.api.listeners import Listeners
from casper_dash.api.listing import Endpoint
from casper_dash.api.v1.events import EVENTS_DESCRIBED, events_endpoint
from casper_dash.api.v1.events import PATH as EVENTS_PATH
from casper_dash.api.v1.supply_text import (
    FIGURES,
    PATH,
    supply_text_described,
    supply_text_endpoint,
)

OTHERS_DESCRIBED: Mapping[str, Any] = {
    **{PATH.format(figure): supply_text_described(figure) for figure in FIGURES},
    EVENTS_PATH: EVENTS_DESCRIBED,
}
"""Path → OpenAPI's description."""


def other_endpoints(
    database: Database,
    listeners: Listeners,
    clock: Callable[[], datetime],
    *,
    published_only: bool,
) -> dict[str, Endpoint]:
    """Path → what answers it."""
    texts = {
        PATH.format(figure): supply_text_endpoint(
            figure, database, clock, published_only=published_only
        )
        for figure in FIGURES
    }
    return {**texts, EVENTS_PATH: events_endpoint(listeners)}
