"""The circulating supply of 20,000 eras: worked out, and stored as a publication."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from bench.figures import Figure
from bench.machines import databases
from crawler.database import make_engine, write_session
from crawler.derive.progress import ensure_first_publication
from crawler.derive.supply import derive_supply, supplies
from crawler.models.figures import Era
from crawler.network import load_network
from crawler.schema import upgrade
from crawler.settings import CrawlerSettings

_ERAS = 20_000
_GENESIS = datetime(2021, 3, 31, 15, tzinfo=UTC)


def measure() -> Iterator[Figure]:
    """Mainnet's schedule over as many eras as mainnet will have in 2026."""
    network = load_network("casper")
    with databases() as found:
        for name, url in found.items():
            engine = make_engine(CrawlerSettings(_env_file=None, database_url=url))
            upgrade(engine)
            with write_session(engine) as session:
                ensure_first_publication(session, network, _GENESIS)
                session.execute(insert(Era), [_era(number) for number in range(_ERAS)])
            started = time.monotonic()
            with write_session(engine) as session:
                assert len(list(supplies(session, network, 0, 0))) == _ERAS
                computed = time.monotonic()
                derive_supply(session, network, 0, 0)
            stored = time.monotonic()
            yield Figure(f"supply of 20,000 eras, computed, {name}", computed - started, "s")
            yield Figure(f"supply of 20,000 eras, stored, {name}", stored - computed, "s")
            engine.dispose()


def _era(number: int) -> dict[str, object]:
    start = _GENESIS + timedelta(hours=2 * number)
    return {
        "id": number,
        "complete": True,
        "start_block": 220 * number,
        "end_block": 220 * number + 219,
        "start": start,
        "end": start + timedelta(hours=2),
        "blocks": 220,
        "weight": 3 * 10**18,
        "total_supply": 10**19 + number * 10**14,
        "deploys": 77,
        "transfers": 57,
        "staked": 10**15,
        "unstaked": 10**14,
        "redelegated": 0,
        "transfer_volume": 10**14,
    }
