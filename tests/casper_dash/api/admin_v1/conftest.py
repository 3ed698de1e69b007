"""The admin's API over a chain with transfers to decide on, and people who may ask it."""

import pytest
from sqlalchemy import Engine

from casper_dash.auth.place import Place
from casper_dash.keys import Keys
from casper_dash.settings import AppSettings
from tests.casper_dash.api.admin_v1.office import Office
from tests.casper_dash.auth.browsing import SECRET, Clock
from tests.casper_dash.decisions.curating import fill, network_with


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(engine: Engine, clock: Clock) -> Office:
    """On both databases."""
    return _office(engine, clock)


@pytest.fixture
def office_on_sqlite(migrated_sqlite: Engine, clock: Clock) -> Office:
    """For what no database makes a difference to."""
    return _office(migrated_sqlite, clock)


def _office(engine: Engine, clock: Clock) -> Office:
    settings = AppSettings(
        _env_file=None, secret_key=SECRET, admin_url="https://dash.example.org/admin"
    )
    network = network_with()
    fill(engine, network)
    return Office(Place(engine, Keys(SECRET), settings, clock), network)
