"""Older rows → database: surveyed first, loaded unseen, shown at once."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, func, select
from sqlmodel import SQLModel

from crawler.database import read_session
from crawler.derive.carried import IMPORTED_PUBLICATION
from crawler.derive.progress import FIRST_SCHEDULE
from crawler.legacy.fields import Fields
from crawler.legacy.gathered import Accounts, Peers, Schedule
from crawler.legacy.mapping import MAPPED
from crawler.legacy.source import Rows, older_rows
from crawler.models.chain import Balance, KnownAccount, Reward
from crawler.models.decisions import Publication, Unlock
from crawler.models.feeds import PEER_VERSION, Peer, PeerVersion, Price
from crawler.models.figures import DeriveState
from crawler.models.legacy import LegacyBlock, LegacyEra, LegacyTransfer
from crawler.models.table import table_of
from crawler.models.work import CrawlState
from crawler.network import Network
from crawler.staging import Staging, staged
from crawler.staging.errors import OlderDataError
from crawler.staging.target import refuse_used_database

log = structlog.get_logger(__name__)

_FRESH: tuple[type[SQLModel], ...] = (LegacyBlock, LegacyTransfer, LegacyEra)
_KEPT: tuple[type[SQLModel], ...] = (
    *(KnownAccount, Balance, Reward, Price, Peer, PeerVersion),
    *(Publication, Unlock, CrawlState, DeriveState),
)
_GATHERED = ("KnownAccount", "ValidatorsUnlock", "Peers")
_ROWS_A_TIME = 2000
_SCHEDULE = FIRST_SCHEDULE + 1
_SOURCE = "the older platform"
_ZONE_STEP = timedelta(minutes=15)
_WIDEST_ZONE = timedelta(hours=14)


def import_older(engine: Engine, network: Network, source: str) -> Counter[str]:
    """Loads the older platform's database into one without blocks; rows read by older table.

    Raises OlderDataError when the source cannot be read, or ImportFailed when the database cannot
    take it; it is then as it was.
    """
    refuse_used_database(engine, network)
    rows = older_rows(source)
    zone = _zone(rows, network)
    with staged(
        engine, fresh=[table_of(m) for m in _FRESH], kept=[table_of(m) for m in _KEPT]
    ) as staging:
        loading = _Loading(staging, zone)
        for table, row in rows((*MAPPED, *_GATHERED)):
            loading.take(table, row)
        if not loading.read:
            raise OlderDataError(f"{source}: holds none of the older platform's tables")
        loading.finish(network, datetime.now(UTC), with_peers=not _has_peers(engine))
        refuse_used_database(engine, network)
    return loading.read


class _Loading:
    """Takes older rows one by one, and writes them by the thousand."""

    def __init__(self, staging: Staging, zone: timedelta) -> None:
        self._staging = staging
        self._zone = zone
        self._waiting: dict[type[SQLModel], list[dict[str, Any]]] = defaultdict(list)
        self._accounts = Accounts()
        self._schedule = Schedule()
        self._peers = Peers()
        self._gathering: dict[str, Callable[[Fields], None]] = {
            "KnownAccount": self._accounts.add,
            "ValidatorsUnlock": self._schedule.add,
            "Peers": self._peers.add,
        }
        self.read: Counter[str] = Counter()

    def take(self, table: str, row: dict[str, str | None]) -> None:
        """Writes or gathers one older row."""
        self.read[table] += 1
        fields = Fields(table, row, self._zone)
        if table in self._gathering:
            self._gathering[table](fields)
            return
        ours, made = MAPPED[table]
        found = made(fields)
        if found is not None:
            self._waiting[ours].append(found)
            if len(self._waiting[ours]) == _ROWS_A_TIME:
                self._write(ours)

    def finish(self, network: Network, now: datetime, *, with_peers: bool) -> None:
        """Writes what is left, and the decisions as a publication."""
        for ours in list(self._waiting):
            self._write(ours)
        self._write_accounts()
        if with_peers and self._peers.seen_at is not None:
            stamp = {"version": 0, "refreshed_at": self._peers.seen_at, "source": _SOURCE}
            self._staging.merge(table_of(PeerVersion), [stamp])
            self._staging.merge(table_of(Peer), self._peers.rows(0))
        self._publish(network, now)

    def _write(self, ours: type[SQLModel]) -> None:
        # rows that are there already, of a price feed or written twice there, stay as they are
        self._staging.merge(table_of(ours), self._waiting.pop(ours))

    def _write_accounts(self) -> None:
        table = table_of(KnownAccount)
        held = self._staging.columns(table)
        self._staging.merge(
            table,
            list(self._accounts.rows()),
            lambda new: {
                name: func.coalesce(held[name], new[name])
                for name in ("public_key", "name", "comment")
            },
        )

    def _publish(self, network: Network, now: datetime) -> None:
        """Publication 0 as on every new database, and the older decisions as the shown one."""
        merge = self._staging.merge
        genesis = network.unlock_schedule(network.genesis_time)
        steps = self._schedule.rows(_SCHEDULE)
        merge(
            table_of(Unlock),
            [{"schedule": FIRST_SCHEDULE, "date": date, "amount": sum_} for date, sum_ in genesis],
        )
        merge(table_of(Unlock), steps)
        schedule = _SCHEDULE if steps else FIRST_SCHEDULE
        merge(
            table_of(Publication),
            [
                _publication(0, FIRST_SCHEDULE, now, None),
                _publication(IMPORTED_PUBLICATION, schedule, now, f"Decisions of {_SOURCE}"),
            ],
        )
        merge(
            table_of(DeriveState),
            [{"id": 0, "depth_to": -1, "publication": IMPORTED_PUBLICATION}],
            lambda new: {"publication": new.publication},
        )
        crawl = {"id": 0, "network": network.name, "crawl_from": 0, "planned_to": -1}
        merge(table_of(CrawlState), [crawl])


def _publication(number: int, schedule: int, now: datetime, note: str | None) -> dict[str, Any]:
    return {"id": number, "published_at": now, "schedule": schedule, "note": note}


def _has_peers(engine: Engine) -> bool:
    """Whether there is a list of peers, which is newer than any of the older platform."""
    with read_session(engine) as session:
        return session.execute(select(PEER_VERSION.version).limit(1)).first() is not None


def _zone(rows: Rows, network: Network) -> timedelta:
    """What the older server's clock was ahead of UTC: era 0 began at genesis.

    Reads the source to its end, so that a dump that is cut off is refused before anything is
    written.
    """
    begun = None
    for table, row in rows(("Era",)):
        if row.get("id") == "0":
            begun = Fields(table, row, timedelta()).utc_time("start")
    if begun is None:
        log.warning("era 0 is missing: the older server's clock is taken to be UTC")
        return timedelta()
    ahead = begun - network.genesis_time
    zone = round(ahead / _ZONE_STEP) * _ZONE_STEP
    if abs(ahead - zone) > timedelta(seconds=1) or abs(zone) > _WIDEST_ZONE:
        raise OlderDataError(
            f"era 0 began at {begun:%Y-%m-%d %H:%M:%S}, the network {network.name!r} at"
            f" {network.genesis_time:%Y-%m-%d %H:%M:%S}: another network's data"
        )
    return zone
