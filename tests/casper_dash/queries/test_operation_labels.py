"""Which accounts have a label, on both databases."""

import pytest
from sqlalchemy import Engine, update

from casper_dash.decisions.labels import LabelValues, set_label
from casper_dash.queries.operation.labels import labelled_accounts
from crawler.models.chain import KNOWN_ACCOUNT, KnownAccount
from tests.casper_dash.decisions.curating import COLD, EXCHANGE, HOT, Desk, fill, network_with


@pytest.fixture
def desk(engine: Engine) -> Desk:
    network = network_with()
    fill(engine, network)
    return Desk(engine, network)


def test_hidden_labels_and_names_of_an_import_are_listed_page_by_page(desk: Desk):
    desk.do(set_label, HOT, LabelValues("Hot", public=False), desk.deed(), seen=0)
    desk.do(set_label, COLD, LabelValues("Cold"), desk.deed(), seen=0)
    imported = update(KnownAccount).where(KNOWN_ACCOUNT.account_hash == EXCHANGE)
    desk.do(lambda session: session.execute(imported.values(name="X")) and None)

    first = desk.ask(labelled_accounts, limit=2)
    rest = desk.ask(labelled_accounts, after=first[-1], limit=2)

    assert first + rest == sorted([HOT, COLD, EXCHANGE])
