"""Places of nodes, as the newest whole refresh saw them."""

from sqlalchemy import ScalarSelect, func, select
from sqlmodel import Session

from casper_dash.queries.paging import Page, Row, paged, rows
from crawler.models.feeds import PEER, PEER_VERSION, Peer, PeerVersion
from crawler.models.table import table_of

_COLUMNS = (
    PEER.version,
    PEER_VERSION.refreshed_at,
    PEER.address,
    PEER.public_key,
    PEER.node_version,
    PEER.role,
    PEER.country,
    PEER.region,
    PEER.city,
    PEER.postal,
    PEER.timezone,
    PEER.organisation,
    PEER.latitude,
    PEER.longitude,
    PEER.performance,
)


def newest_peer_version() -> ScalarSelect[int]:
    """SQL for the newest whole refresh. Reads the end of `peer_version`'s key."""
    return select(func.max(PEER_VERSION.version)).scalar_subquery()


def peers(session: Session, version: int | None, page: Page) -> list[Row]:
    """Peers of a refresh, of the newest without one, by version and address. Reads the key."""
    statement = (
        select(*_COLUMNS)
        .select_from(table_of(Peer))
        .join(table_of(PeerVersion), PEER_VERSION.version == PEER.version)
        .where(PEER.version == (newest_peer_version() if version is None else version))
    )
    return rows(session, paged(statement, [PEER.version, PEER.address], page))
