"""Database → snapshot: one state of the whole database, streamed file by file."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, Row, func, select
from sqlmodel import Session

from crawler.columns import Hex
from crawler.database import DatabaseUnusable, snapshot
from crawler.models.chain import BLOCK
from crawler.models.figures import DERIVE_STATE, ERA_TOUCH
from crawler.models.work import CRAWL_STATE
from crawler.network import Network
from crawler.snapshot.layout import FORMAT, PARTS, ROWS_A_GROUP, Part, arrow_schema
from crawler.snapshot.manifest import (
    File,
    Manifest,
    SnapshotError,
    TableFiles,
    describe,
    read_manifest,
    write_manifest,
)


def export_snapshot(engine: Engine, network: Network, folder: Path) -> Manifest:
    """Writes the snapshot beside `folder` and renames it into place.

    `folder` may be missing, empty, or an older snapshot. Raises SnapshotError, or
    DatabaseUnusable when the database holds another network.
    """
    with _replacing(folder) as partial:
        with snapshot(engine) as session:
            state = _state(session, network)
            revision = MigrationContext.configure(session.connection()).get_current_revision()
            tables = {part.table.name: _write_table(session, part, partial) for part in PARTS}
        manifest = Manifest(
            format=FORMAT,
            network=network.name,
            schema_revision=revision or "",
            tables=tables,
            **state,
        )
        write_manifest(partial, manifest)
    return manifest


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    partial, old = (folder.with_name(f".{folder.name}.{end}") for end in ("partial", "old"))
    try:
        _refuse_other_content(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        for remains in (partial, old):
            shutil.rmtree(remains, ignore_errors=True)
        partial.mkdir()
        yield partial
        if folder.exists():
            folder.rename(old)
        partial.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise SnapshotError(f"{error.filename or folder}: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _refuse_other_content(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        try:
            read_manifest(folder, FORMAT)
        except SnapshotError as error:
            raise SnapshotError(f"{folder} holds something else: not overwritten") from error


def _state(session: Session, network: Network) -> dict[str, Any]:
    crawl = session.execute(select(CRAWL_STATE.network, CRAWL_STATE.crawl_from)).first()
    heights = session.execute(select(func.min(BLOCK.height), func.max(BLOCK.height))).one()
    if crawl is None or heights[0] is None:
        raise SnapshotError("the database holds no block: nothing to export")
    if crawl.network != network.name:
        raise DatabaseUnusable(
            f"the database holds the network {crawl.network!r}, NETWORK names {network.name!r}"
        )
    derived = session.execute(select(DERIVE_STATE.depth_to, DERIVE_STATE.publication)).one()
    stale = select(ERA_TOUCH.era_id).where(ERA_TOUCH.stale).order_by(ERA_TOUCH.era_id)
    return {
        "crawl_from": crawl.crawl_from,
        "first_height": heights[0],
        "last_height": heights[1],
        "depth_to": derived.depth_to,
        "publication": derived.publication,
        "stale_eras": list(session.execute(stale).scalars()),
    }


def _write_table(session: Session, part: Part, folder: Path) -> TableFiles:
    (folder / part.table.name).mkdir()
    edges = session.execute(select(func.min(part.key), func.max(part.key))).one()
    lows = [] if edges[0] is None else part.lows(*((0, 0) if part.span is None else edges))
    files = [file for low in lows for file in _write_file(session, part, low, folder)]
    return TableFiles(rows=sum(file.rows for file in files), files=files)


def _write_file(session: Session, part: Part, low: int, folder: Path) -> Iterator[File]:
    """The file's entry; nothing is written where there is no row."""
    groups = _groups(session, part, low)
    first = next(groups, None)
    if first is None:
        return
    name, schema, rows = part.file_name(low), arrow_schema(part.table), 0
    with pyarrow.parquet.ParquetWriter(folder / name, schema, compression="zstd") as writer:
        for group in chain([first], groups):
            writer.write_batch(_batch(group, part, schema))
            rows += len(group)
    yield describe(folder, name, rows)


def _groups(session: Session, part: Part, low: int) -> Iterator[Sequence[Row[Any]]]:
    question = select(*part.table.c).order_by(*part.table.primary_key)
    if part.span is not None:
        question = question.where(part.key >= low, part.key < low + part.span)
    if "publication" in part.table.c:
        # rows of a publication under way are for nobody's eyes yet
        seen = select(DERIVE_STATE.publication).scalar_subquery()
        question = question.where(part.table.c.publication <= seen)
    yield from session.execute(question.execution_options(yield_per=ROWS_A_GROUP)).partitions()


def _batch(rows: Sequence[Row[Any]], part: Part, schema: pa.Schema) -> pa.RecordBatch:
    arrays = []
    for column, values, field in zip(part.table.c, zip(*rows, strict=True), schema, strict=True):
        kept = map(_bytes, values) if isinstance(column.type, Hex) else values
        arrays.append(pa.array(kept, field.type, size=len(rows)))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _bytes(digits: str | None) -> bytes | None:
    return None if digits is None else bytes.fromhex(digits)
