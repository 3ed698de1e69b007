"""`crawler import`: from the older platform or from a snapshot, whichever SOURCE is."""

import argparse
from pathlib import Path

from sqlalchemy import Engine

from crawler import schema
from crawler.legacy.load import import_older
from crawler.network import Network
from crawler.snapshot.load import import_snapshot


def add_import_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `crawler import`."""
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="folder of a snapshot; the older platform's database as mysql+pymysql://USER@HOST/NAME"
        " or as a dump: FILE.sql, FILE.sql.gz",
    )


def run_import(options: argparse.Namespace, network: Network, engine: Engine) -> list[str]:
    """Lines that say what was imported.

    Raises ImportFailed, SnapshotError or DatabaseUnusable, each of one line.
    """
    schema.upgrade(engine)
    source: str = options.source
    if "://" not in source and Path(source).is_dir():
        manifest = import_snapshot(engine, network, Path(source))
        blocks = manifest.tables["block"].rows
        return [f"imported {blocks} blocks, {manifest.first_height} to {manifest.last_height}"]
    read = import_older(engine, network, source)
    return [
        *(f"read {rows} rows of {table}" for table, rows in sorted(read.items())),
        "the crawl reads the blocks themselves again: python -m crawler run",
    ]
