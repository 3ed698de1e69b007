"""`crawler export`: the whole database as a snapshot."""

import argparse
from pathlib import Path

from sqlalchemy import Engine

from crawler.network import Network
from crawler.snapshot.export import export_snapshot


def add_export_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `crawler export`."""
    parser.add_argument(
        "folder",
        metavar="DIR",
        type=Path,
        help="folder to write: missing, empty, or an older snapshot, which is replaced",
    )


def run_export(options: argparse.Namespace, network: Network, engine: Engine) -> str:
    """One line that says what was written. Raises SnapshotError or DatabaseUnusable."""
    manifest = export_snapshot(engine, network, options.folder.absolute())
    files = [file for table in manifest.tables.values() for file in table.files]
    return (
        f"exported blocks {manifest.first_height} to {manifest.last_height}: {len(files)} files,"
        f" {sum(file.bytes for file in files) / 1e6:.1f} MB"
    )
