"""Snapshot → database: everything is verified first, loaded unseen, and shown at once."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
from sqlalchemy import Engine

from crawler import ranges
from crawler.models.chain import Block
from crawler.models.figures import DeriveState, EraTouch
from crawler.models.table import table_of
from crawler.models.work import CrawlRange, CrawlState
from crawler.network import Network
from crawler.snapshot.layout import FORMAT, PARTS, RESET, ROWS_A_GROUP, Part, arrow_schema
from crawler.snapshot.manifest import File, Manifest, SnapshotError, read_manifest, verify_files
from crawler.staging import Staging, staged
from crawler.staging.target import refuse_used_database


def import_snapshot(engine: Engine, network: Network, folder: Path) -> Manifest:
    """Loads a snapshot into a database without blocks, which has this release's tables.

    Missing heights are planned, so that a crawl goes on from there. Raises SnapshotError, or
    ImportFailed when the database cannot take it; it is then as it was.
    """
    manifest = read_manifest(folder, FORMAT)
    _check_contents(folder, manifest, network)
    refuse_used_database(engine, network)
    tables = [part.table for part in PARTS]
    with staged(engine, fresh=[*tables, *RESET]) as staging:
        gaps = _Gaps(manifest.crawl_from)
        for part in PARTS:
            for batch in _batches(folder, part, manifest):
                if part.table.name == Block.__tablename__:
                    gaps.note(batch.column("height").to_pylist())
                staging.load(part.table, batch)
        if gaps.next != max(manifest.last_height + 1, manifest.crawl_from):
            raise SnapshotError(f"{folder}: does not end with block {manifest.last_height}")
        _write_state(staging, manifest, gaps.found)
        # what came meanwhile, from a crawl that was not stopped, must not be lost
        refuse_used_database(engine, network)
    return manifest


class _Gaps:
    """Heights that a rising run of blocks leaves out."""

    def __init__(self, first: int) -> None:
        self.next = first
        self.found: list[tuple[int, int]] = []

    def note(self, heights: Iterable[int]) -> None:
        for height in heights:
            if height > self.next:
                self.found.append((self.next, height - 1))
            self.next = max(self.next, height + 1)


def _check_contents(folder: Path, manifest: Manifest, network: Network) -> None:
    if manifest.network != network.name:
        raise SnapshotError(
            f"{folder} is of the network {manifest.network!r}, NETWORK names {network.name!r}"
        )
    ours = {part.table.name: part for part in PARTS}
    if Block.__tablename__ not in manifest.tables:
        raise SnapshotError(f"{folder}: holds no blocks")
    for name in manifest.tables:
        if name not in ours:
            raise SnapshotError(
                f"{folder}: table {name!r}, of schema {manifest.schema_revision}, is not known"
                " to this release"
            )
    verify_files(folder, manifest)
    for name, files in manifest.tables.items():
        for file in files.files:
            _check_columns(folder, file, ours[name], manifest)


def _check_columns(folder: Path, file: File, part: Part, manifest: Manifest) -> None:
    expected = arrow_schema(part.table)
    with _readable(folder, file) as parquet:
        found = parquet.schema_arrow
        rows = parquet.metadata.num_rows
    # a column that a later release added, and that may be null, is null
    absent = {field.name for field in expected if not field.nullable} - set(found.names)
    strange = [field.name for field in found if not _is_expected(field, expected)]
    if absent or strange or rows != file.rows:
        raise SnapshotError(
            f"{folder / file.name}: not the columns and rows that table {part.table.name} has in"
            f" this release; it was made with schema {manifest.schema_revision}"
        )


def _is_expected(field: pa.Field, expected: pa.Schema) -> bool:
    return field.name in expected.names and expected.field(field.name).type == field.type


def _readable(folder: Path, file: File) -> pyarrow.parquet.ParquetFile:
    try:
        return pyarrow.parquet.ParquetFile(folder / file.name)
    except (OSError, pa.ArrowException) as error:
        raise SnapshotError(f"{folder / file.name}: {_first_line(error)}") from error


def _batches(folder: Path, part: Part, manifest: Manifest) -> Iterator[pa.RecordBatch]:
    files = manifest.tables.get(part.table.name)
    for file in files.files if files else ():
        with _readable(folder, file) as parquet:
            try:
                yield from parquet.iter_batches(ROWS_A_GROUP)
            except (OSError, pa.ArrowException) as error:
                raise SnapshotError(f"{folder / file.name}: {_first_line(error)}") from error


def _write_state(staging: Staging, manifest: Manifest, gaps: list[tuple[int, int]]) -> None:
    """What the crawl and the derivation know after such a history."""
    crawl: dict[str, Any] = {
        "id": 0,
        "network": manifest.network,
        "crawl_from": manifest.crawl_from,
        "planned_to": max(manifest.last_height, manifest.crawl_from - 1),
    }
    derived = {"id": 0, "depth_to": manifest.depth_to, "publication": manifest.publication}
    missing = [
        {"first": low, "last": high, "attempts": 0}
        for first, last in gaps
        for low, high in ranges.split(first, last)
    ]
    stale = [
        {"era_id": era_id, "stored": 1, "derived": 0, "stale": True}
        for era_id in manifest.stale_eras
    ]
    staging.merge(table_of(CrawlState), [crawl])
    staging.merge(table_of(DeriveState), [derived])
    staging.merge(table_of(CrawlRange), missing)
    staging.merge(table_of(EraTouch), stale)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
