"""`python -m crawler`: run, check, repair, export, import, sandbox."""

import argparse
import sys
from collections.abc import Callable
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from crawler import __version__
from crawler.check import check
from crawler.database import DatabaseUnusable, explain, make_engine
from crawler.importing import add_import_arguments, run_import
from crawler.log import configure_logging
from crawler.network import Network, NetworkFileError, load_network
from crawler.repair import repair
from crawler.run import CrawlFailed, prepare, run_for_ever, run_once
from crawler.sandbox import command as sandbox
from crawler.settings import CrawlerSettings, SettingsError, load_settings
from crawler.snapshot.command import add_export_arguments, run_export
from crawler.snapshot.manifest import SnapshotError
from crawler.staging import ImportFailed

_MISTAKES = (
    SettingsError,
    NetworkFileError,
    DatabaseUnusable,
    CrawlFailed,
    SnapshotError,
    ImportFailed,
)
_PATIENCE_S = 4 * 3600
"""For one statement of a command that works on whole tables, while somebody watches it."""

Command = Callable[[argparse.Namespace, CrawlerSettings, Network, Engine], int]


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0, or 1 with one line that says why."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except _MISTAKES as error:
        print(f"crawler: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m crawler", description="Follows a Casper network into a database."
    )
    parser.add_argument("--version", action="version", version=f"casper-dash {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="crawl for ever, or with --once to today's head")
    run.add_argument(
        "--once",
        action="store_true",
        help="crawl to the height that the nodes report at the start, complete the eras and end",
    )
    run.set_defaults(run=partial(_on_database, _run, patience_s=None))

    proof = commands.add_parser(
        "check", help="prove the database: prints each fault, exits 1 if there is any"
    )
    proof.set_defaults(run=partial(_on_database, _check))

    mend = commands.add_parser(
        "repair", help="fetch again and work out anew what check faults; exits 1 if faults remain"
    )
    mend.set_defaults(run=partial(_on_database, _repair))

    out = commands.add_parser("export", help="write a snapshot of the database into a folder")
    add_export_arguments(out)
    out.set_defaults(run=partial(_on_database, _export))

    back = commands.add_parser("import", help="load a snapshot, or the older platform's data")
    add_import_arguments(back)
    back.set_defaults(run=partial(_on_database, _import))

    network = commands.add_parser("sandbox", help="serve the bundled sandbox network")
    sandbox.add_arguments(network)
    network.set_defaults(run=sandbox.run)
    return parser


def _on_database(
    command: Command, options: argparse.Namespace, *, patience_s: int | None = _PATIENCE_S
) -> int:
    """Runs a command on what the settings name.

    Raises DatabaseUnusable with whatever the database answers in the middle of it.
    """
    settings = load_settings(CrawlerSettings)
    configure_logging(settings.log_level, settings.log_format)
    network = load_network(settings.network_name)
    engine = make_engine(settings, patience_s=patience_s)
    try:
        return command(options, settings, network, engine)
    except DBAPIError as error:
        raise DatabaseUnusable(explain(error, engine)) from error


def _run(
    options: argparse.Namespace, settings: CrawlerSettings, network: Network, engine: Engine
) -> int:
    prepare(engine, network, settings)
    if not options.once:
        run_for_ever(engine, network, settings)
        return 0
    head = run_once(engine, network, settings)
    print(f"held to block {head.height} of era {head.era_id}")
    return 0


def _check(
    _options: argparse.Namespace, _settings: CrawlerSettings, network: Network, engine: Engine
) -> int:
    report = check(engine, network)
    for fault in report.faults:
        print(fault)
    print(report.summary())
    return 1 if report.faults else 0


def _repair(
    _options: argparse.Namespace, settings: CrawlerSettings, network: Network, engine: Engine
) -> int:
    prepare(engine, network, settings)
    found, left = repair(engine, network, partial(run_once, engine, network, settings))
    for fault in found:
        print(fault)
    for fault in left:
        print(f"still: {fault}")
    print(f"{len(found)} faults found, {len(left)} left")
    return 1 if left else 0


def _export(
    options: argparse.Namespace, _settings: CrawlerSettings, network: Network, engine: Engine
) -> int:
    print(run_export(options, network, engine))
    return 0


def _import(
    options: argparse.Namespace, _settings: CrawlerSettings, network: Network, engine: Engine
) -> int:
    for line in run_import(options, network, engine):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
