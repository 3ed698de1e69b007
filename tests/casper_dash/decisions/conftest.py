"""A chain with transfers to decide on."""

import pytest
from sqlalchemy import Engine

from tests.casper_dash.decisions.curating import Desk, fill, network_with


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """On both databases."""
    network = network_with()
    fill(engine, network)
    return Desk(engine, network)


@pytest.fixture
def desk_on_sqlite(migrated_sqlite: Engine) -> Desk:
    """For what no database makes a difference to."""
    network = network_with()
    fill(migrated_sqlite, network)
    return Desk(migrated_sqlite, network)
