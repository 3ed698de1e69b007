"""Keeps where nodes are: each refresh of the list is a version, whole or not at all."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from typing import Any

import msgspec
from sqlalchemy import Engine, delete, func, insert, select, update
from sqlmodel import Session

from crawler.database import transact
from crawler.feeds.place import PlaceList, place_rows
from crawler.feeds.source import Source
from crawler.models.feeds import PEER, PEER_VERSION, Peer, PeerVersion
from crawler.models.table import table_of
from crawler.network import Network
from crawler.settings import CrawlerSettings

INTERVAL_S = 3600
_KEPT_VERSIONS = 10
_BUNDLED = files("crawler.feeds") / "bundled_places"


def refresh_places(engine: Engine, network: Network, settings: CrawlerSettings) -> str:
    """The job: takes the list over as a new version if it changed; one line says so.

    Raises SourceError; the last version stays then.
    """
    if settings.geodata_url:
        rows, source = _rows_from(settings.geodata_url)
    else:
        rows, source = bundled_rows(network.name), "bundled list"
    if not rows:
        return f"no places are bundled for the network {network.name}: set GEODATA_URL"
    return transact(engine, partial(keep_places, rows=rows, source=source, now=datetime.now(UTC)))


def _rows_from(url: str) -> tuple[list[dict[str, Any]], str]:
    with Source(url) as source:
        places = source.get(PlaceList)
        try:
            return place_rows(places), source.host
        except ValueError as error:
            raise source.error(f"unexpected answer: {error}") from error


def bundled_rows(network: str) -> list[dict[str, Any]]:
    """The list that comes with the crawler, for the sandbox network; empty for any other.

    Places of mainnet's nodes that are guessed or years old would pass for true ones.
    """
    path = _BUNDLED / f"{network}.json"
    if not (re.fullmatch(r"[\w-]+", network) and path.is_file()):
        return []
    return place_rows(msgspec.json.decode(path.read_bytes(), type=PlaceList))


def keep_places(
    session: Session, rows: Sequence[dict[str, Any]], source: str, now: datetime
) -> str:
    """Stores rows of `peer` as the newest version, or notes that it still holds."""
    newest = session.execute(select(func.max(PEER_VERSION.version))).scalar()
    stamp = {"refreshed_at": now, "source": source[:200]}
    if newest is not None and _rows_of(session, newest) == _by_address(rows):
        session.execute(update(PeerVersion).where(PEER_VERSION.version == newest).values(**stamp))
        return f"{len(rows)} nodes' places are unchanged"
    version = 0 if newest is None else newest + 1
    session.execute(insert(Peer), [{**row, "version": version} for row in rows])
    session.execute(insert(PeerVersion).values(version=version, **stamp))
    session.execute(delete(Peer).where(PEER.version <= version - _KEPT_VERSIONS))
    session.execute(delete(PeerVersion).where(PEER_VERSION.version <= version - _KEPT_VERSIONS))
    return f"{len(rows)} nodes' places stored as version {version}"


def _rows_of(session: Session, version: int) -> dict[str, dict[str, Any]]:
    columns = [column for column in table_of(Peer).c if column.name != "version"]
    found = session.execute(select(*columns).where(PEER.version == version))
    return _by_address([dict(row._mapping) for row in found])


def _by_address(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["address"]: row for row in rows}
