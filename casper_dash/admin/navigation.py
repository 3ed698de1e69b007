"""The panel's pages: one line each. A page's module has `page()` and, for its data, `REFRESH`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where a page is found: below PANEL_PATH, under a heading of the navigation."""

    route: str
    title: str
    group: str
    module: str
    """In `casper_dash.admin`."""


PLACES = (
    Place("/", "Home", "Operate", "home"),
    Place("/sync", "Sync & gaps", "Operate", "sync"),
    Place("/nodes", "Nodes", "Operate", "nodes"),
    Place("/jobs", "Jobs", "Operate", "jobs"),
    Place("/review", "Review", "Curate", "review"),
    Place("/unlocks", "Unlocks", "Curate", "unlocks"),
    Place("/labels", "Labels", "Curate", "labels"),
    Place("/publish", "Publish", "Curate", "publish"),
    Place("/people", "Users & sessions", "Secure", "people"),
    Place("/audit", "Audit", "Secure", "audit_log"),
    Place("/tokens", "Tokens", "Secure", "tokens"),
    Place("/outbox", "Letters", "Secure", "outbox"),
    Place("/account", "My account", "Secure", "account"),
)
