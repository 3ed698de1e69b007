"""`python -m casper_dash`: run, api, export, admin, settings."""

import argparse
import sys
from pathlib import Path

from casper_dash.auth.command import add_admin_arguments, run_admin
from casper_dash.export import ExportError, build
from casper_dash.ports import NoAnswer
from casper_dash.run import run
from casper_dash.server import serve
from casper_dash.settings import AppSettings, masked
from crawler import __version__
from crawler.database import DatabaseUnusable, make_engine
from crawler.log import configure_logging
from crawler.network import NetworkFileError, load_network
from crawler.processes import ProcessFailed
from crawler.settings import SettingsError, load_settings

_MISTAKES = (
    SettingsError,
    NetworkFileError,
    DatabaseUnusable,
    ExportError,
    NoAnswer,
    ProcessFailed,
)


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0, or 1 with one line that says why."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(AppSettings)
        configure_logging(settings.log_level, settings.log_format)
        options.run(options, settings)
    except _MISTAKES as error:
        print(f"casper_dash: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m casper_dash", description="Metrics of a Casper network: pages and API."
    )
    parser.add_argument("--version", action="version", version=f"casper-dash {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    everything = commands.add_parser("run", help="crawl and serve on one address (make run)")
    everything.set_defaults(run=_run)

    api = commands.add_parser("api", help="the JSON API alone; a read-only database user is enough")
    api.add_argument("--host", default="127.0.0.1", help="address to listen on")
    api.add_argument("--port", type=int, default=8000, help="port to listen on")
    api.set_defaults(run=_api)

    export = commands.add_parser("export", help="the public front end as static files")
    export.add_argument("dir", type=Path, metavar="DIR", help="folder to make or to replace")
    export.set_defaults(run=_export)

    admin = commands.add_parser("admin", help="admin create EMAIL: the first administrator")
    add_admin_arguments(admin)
    admin.set_defaults(run=_admin)

    effective = commands.add_parser("settings", help="the effective settings, secrets masked")
    effective.set_defaults(run=_settings)
    return parser


def _run(_options: argparse.Namespace, settings: AppSettings) -> None:
    run(settings, load_network(settings.network_name), make_engine(settings))


def _api(options: argparse.Namespace, settings: AppSettings) -> None:
    load_network(settings.network_name)
    serve(options.host, options.port)


def _export(options: argparse.Namespace, settings: AppSettings) -> None:
    build(options.dir, api_url=settings.api_url)


def _admin(options: argparse.Namespace, settings: AppSettings) -> None:
    print(run_admin(options, settings))


def _settings(_options: argparse.Namespace, settings: AppSettings) -> None:
    for name, value in masked(settings).items():
        print(f"{name}={value}")


if __name__ == "__main__":
    sys.exit(main())
