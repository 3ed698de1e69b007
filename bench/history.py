"""The sandbox's own chain as rows: what a crawl of it would have stored, loaded in bulk."""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, create_engine, insert, select, update
from sqlmodel import Session, SQLModel

from bench.seed import Row, load
from crawler.database import read_session, upsert, write_session
from crawler.models.chain import BLOCK, Block, EraValidator, KnownAccount, Transfer
from crawler.models.table import table_of
from crawler.models.work import CrawlState
from crawler.sandbox import truth
from crawler.sandbox.block import Block as ChainBlock
from crawler.sandbox.chain import Chain
from crawler.sandbox.parameters import ChainParameters
from crawler.store import touch_eras

_BLOCKS_A_PART = 50_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class _Part:
    """Some blocks of a chain: all that its truth looks at."""

    blocks: list[ChainBlock]


class History:
    """The chain that sandbox nodes with the same options serve, as far as it was asked for."""

    def __init__(self, blocks_per_era: int) -> None:
        self._chain = Chain(ChainParameters(blocks_per_era=blocks_per_era))

    def fill(self, engines: Collection[Engine], blocks: int) -> None:
        """Stores all of the first `blocks` blocks that the databases, alike, lack.

        Facts only, as a crawl would leave them: eras are marked, nothing is worked out.
        """
        self._chain.advance(blocks - 1 - self._chain.height)
        first = min(held(engine) for engine in engines)
        for low in range(first, blocks, _BLOCKS_A_PART):
            part = _Part(self._chain.blocks[low : min(low + _BLOCKS_A_PART, blocks)])
            tables = {model: list(rows) for model, rows in self._rows(part).items()}
            for engine in engines:
                _store(engine, tables)

    def _rows(self, part: _Part) -> dict[type[SQLModel], Iterator[Row]]:
        transfers = truth.transfers(part)
        counts: dict[int, int] = {}
        for each in transfers:
            counts[each.height] = counts.get(each.height, 0) + 1
        return {
            Block: (
                _timed(asdict(each)) | {"transfer_rows": counts.get(each.height, 0)}
                for each in truth.blocks(part)
            ),
            Transfer: (_transfer(asdict(each)) for each in transfers),
            KnownAccount: (
                {"account_hash": each.account_hash, "public_key": each.public_key}
                for each in truth.known_accounts(part).values()
            ),
            EraValidator: (
                {"era_id": era_id, "public_key": public_key, "weight": weight}
                for era_id, weights in truth.weights(part).items()
                for public_key, weight in weights.items()
            ),
        }


def held(engine: Engine) -> int:
    """How many blocks there are, from genesis up."""
    with read_session(engine) as session:
        newest = session.execute(
            select(BLOCK.height).order_by(BLOCK.height.desc()).limit(1)
        ).scalar()
    return 0 if newest is None else newest + 1


def _store(engine: Engine, tables: dict[type[SQLModel], list[Row]]) -> None:
    blocks = tables[Block]
    with _loading(engine) as session, tempfile.TemporaryDirectory() as folder:
        for model, rows in tables.items():
            if model is KnownAccount:  # blocks below have told most of them already
                upsert(session, model, rows, lambda new: {"public_key": new.public_key})
            elif rows and engine.dialect.name == "sqlite":
                session.execute(insert(table_of(model)), rows)
            elif rows:
                load(session.connection(), Path(folder) / "rows", model, rows)
        # the era after the last one too: its first block may be the next part's
        touch_eras(session, {row["era_id"] for row in blocks} | {blocks[-1]["era_id"] + 1})
        session.execute(update(CrawlState).values(planned_to=blocks[-1]["height"]))


@contextmanager
def _loading(engine: Engine) -> Iterator[Session]:
    if engine.dialect.name == "sqlite":
        with write_session(engine) as session:
            yield session
        return
    loader = create_engine(engine.url, connect_args={"local_infile": True})
    with write_session(loader) as session:
        yield session
    loader.dispose()


def _timed(row: Row) -> Row:
    return row | {"timestamp": _time(row.pop("timestamp_ms"))}


def _transfer(row: Row) -> Row:
    depth = {"depth": None}  # worked out later, as after a crawl
    submitted_at, deploy_hash = _time(row.pop("submitted_at_ms")), row.pop("transaction_hash")
    return _timed(row) | {"submitted_at": submitted_at, "deploy_hash": deploy_hash} | depth


def _time(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)
