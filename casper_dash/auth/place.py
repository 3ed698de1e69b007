"""What the functions of this package work with: the database, the keys and the panel's address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from casper_dash.keys import Keys, keys_of
from casper_dash.settings import AppSettings


def utc_now() -> datetime:
    """The clock of the real world."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Place:
    """Where people sign in."""

    engine: Engine
    keys: Keys
    settings: AppSettings
    now: Callable[[], datetime] = utc_now


def place_of(engine: Engine, settings: AppSettings) -> Place:
    """Raises SettingsError where SECRET_KEY is missing that must be there."""
    return Place(engine, keys_of(settings), settings)
