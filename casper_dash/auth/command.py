"""`casper_dash admin create EMAIL`: the first administrator, or one who lost everything."""

import argparse

from casper_dash.auth.errors import NotPossible
from casper_dash.auth.first import create_administrator
from casper_dash.auth.place import place_of
from casper_dash.settings import AppSettings
from crawler import schema
from crawler.database import make_engine
from crawler.settings import SettingsError


def add_admin_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's own words."""
    words = parser.add_subparsers(required=True, metavar="WHAT")
    create = words.add_parser(
        "create", help="print a one-time activation link; --again: of somebody who is active"
    )
    create.add_argument("email", metavar="EMAIL", help="the administrator's mail address")
    create.add_argument(
        "--again",
        action="store_true",
        help="of a person who is active: takes password, second factor and sessions away",
    )


def run_admin(options: argparse.Namespace, settings: AppSettings) -> str:
    """The link. Raises SettingsError with one line, or DatabaseUnusable."""
    engine = make_engine(settings)
    schema.upgrade(engine)
    try:
        return create_administrator(place_of(engine, settings), options.email, again=options.again)
    except NotPossible as error:
        raise SettingsError(f"admin create: {error}") from error
