"""`python -m crawler`: run, check, repair, export, import, sandbox."""

import argparse
import sys
from functools import partial

from sqlalchemy import Engine

from crawler import __version__
from crawler.check import check
from crawler.database import DatabaseUnusable, make_engine
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
    run.set_defaults(run=_run)

    proof = commands.add_parser(
        "check", help="prove the database: prints each fault, exits 1 if there is any"
    )
    proof.set_defaults(run=_check)

    mend = commands.add_parser(
        "repair", help="fetch again and work out anew what check faults; exits 1 if faults remain"
    )
    mend.set_defaults(run=_repair)

    out = commands.add_parser("export", help="write a snapshot of the database into a folder")
    add_export_arguments(out)
    out.set_defaults(run=_export)

    back = commands.add_parser("import", help="load a snapshot, or the older platform's data")
    add_import_arguments(back)
    back.set_defaults(run=_import)

    network = commands.add_parser("sandbox", help="serve the bundled sandbox network")
    sandbox.add_arguments(network)
    network.set_defaults(run=sandbox.run)
    return parser


def _open() -> tuple[CrawlerSettings, Network, Engine]:
    settings = load_settings(CrawlerSettings)
    configure_logging(settings.log_level, settings.log_format)
    return settings, load_network(settings.network_name), make_engine(settings)


def _run(options: argparse.Namespace) -> int:
    settings, network, engine = _open()
    prepare(engine, network, settings)
    if not options.once:
        run_for_ever(engine, network, settings)
        return 0
    head = run_once(engine, network, settings)
    print(f"held to block {head.height} of era {head.era_id}")
    return 0


def _check(_options: argparse.Namespace) -> int:
    _settings, network, engine = _open()
    report = check(engine, network)
    for fault in report.faults:
        print(fault)
    print(report.summary())
    return 1 if report.faults else 0


def _repair(_options: argparse.Namespace) -> int:
    settings, network, engine = _open()
    prepare(engine, network, settings)
    found, left = repair(engine, network, partial(run_once, engine, network, settings))
    for fault in found:
        print(fault)
    for fault in left:
        print(f"still: {fault}")
    print(f"{len(found)} faults found, {len(left)} left")
    return 1 if left else 0


def _export(options: argparse.Namespace) -> int:
    _settings, network, engine = _open()
    print(run_export(options, network, engine))
    return 0


def _import(options: argparse.Namespace) -> int:
    _settings, network, engine = _open()
    for line in run_import(options, network, engine):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
