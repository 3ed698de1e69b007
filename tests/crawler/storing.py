"""A database that is filled block by block, without nodes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import Session

from crawler import ranges, state
from crawler.database import transact
from crawler.derive.progress import derive_all, ensure_first_publication
from crawler.fetch import FetchedBlock
from crawler.network import Network
from crawler.parse.records import BlockReference
from crawler.ranges import Claim
from crawler.store import learn_accounts, store_blocks
from tests.databases import Rows, dump

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIGURES = (
    "block",
    "transfer",
    "known_account",
    "era_validator",
    "reward",
    "era",
    "era_supply",
    "account_depth",
    "unlock",
    "derive_state",
)
"""What two crawls of the same blocks must agree on: all but bookkeeping and its times."""


class Crash(Exception):
    """The process was killed here."""


@contextmanager
def crash_at(engine: Engine, statement: int | None) -> Iterator[None]:
    """Lets the statement of that number raise Crash; None: no crash."""
    left = statement

    def count(*_arguments: Any) -> None:
        nonlocal left
        if left == 0:
            raise Crash
        left = None if left is None else left - 1

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    except Crash:
        pass
    finally:
        event.remove(engine, "before_cursor_execute", count)


def begin(engine: Engine, network: Network, *, crawl_from: int = 0) -> None:
    """The rows that a crawl starts with."""

    def change(session: Session) -> None:
        state.open_crawl(session, network.name, crawl_from)
        ensure_first_publication(session, network, START)

    transact(engine, change)


def see_head(engine: Engine, item: FetchedBlock, now: datetime = START) -> None:
    """The nodes agree on this block as their head."""
    block = item.block
    head = BlockReference(block.height, block.hash, block.era_id, block.timestamp)
    transact(engine, partial(state.note_head, head=head, now=now))


def store(engine: Engine, fetched: Sequence[FetchedBlock], *, indexed: Sequence[str] = ("all",)):
    """Stores a batch in the two transactions of the crawl."""
    transact(engine, partial(learn_accounts, fetched=fetched))
    transact(engine, partial(store_blocks, fetched=fetched, indexed=indexed))


def claim(engine: Engine, owner: str, now: datetime, **options: Any) -> Claim | None:
    return transact(engine, lambda session: ranges.claim(session, owner, now, **options))


def finish(engine: Engine, claimed: Claim) -> bool:
    return transact(engine, partial(ranges.finish, claimed=claimed))


def fill(engine: Engine, network: Network, fetched: Sequence[FetchedBlock]) -> None:
    """An in-order crawl of these blocks, everything worked out."""
    begin(engine, network)
    see_head(engine, fetched[-1])
    complete(engine, network, fetched)


def complete(engine: Engine, network: Network, fetched: Sequence[FetchedBlock]) -> None:
    """Crawls what is still missing, and works everything out."""
    late = datetime(2100, 1, 1, tzinfo=UTC)
    while claimed := claim(engine, "last", late):
        store(engine, [fetched[height] for height in claimed.heights])
        assert finish(engine, claimed)
    derive_all(engine, network)


def figures(engine: Engine) -> Rows:
    """Every row that two crawls of the same blocks must agree on."""
    return dump(engine, *FIGURES)
