"""Circulating supply: the formula against fractions, and what feeds it from the database."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, update
from structlog.testing import capture_logs

from casper_dash.decisions.proposals import propose_restoring
from crawler.check import check
from crawler.database import read_session, transact
from crawler.derive.progress import derive_all
from crawler.derive.supply import (
    EraTotals,
    circulating_supplies,
    derive_supply,
    effective_treasuries,
    rounded_share,
    stored_supplies,
    supplies,
)
from crawler.models.chain import TRANSFER
from crawler.models.decisions import Approval, Publication, Unlock
from crawler.models.figures import DeriveState, Era
from crawler.network import Network, Treasury
from crawler.recrawl import recrawl
from tests import factories
from tests.casper_dash.decisions.curating import Desk
from tests.crawler import storing

GENESIS = datetime(2021, 3, 31, 15, tzinfo=UTC)
CSPR = 10**9


def network_with(**values: Any) -> Network:
    minimal = {
        "name": "casper-test",
        "genesis_time": GENESIS,
        "genesis_supply": 10**19,
        "genesis_validators_weight": 3 * 10**18 + 7,
        "total_supply_uref": "uref-" + "ab" * 32 + "-007",
        "rewards_released_from_era": 5,
    }
    return Network.model_validate(minimal | values)


def treasury(era: int, amount: int) -> Treasury:
    return Treasury(era=era, amount=amount, purse="balance-1")


@given(st.integers(0, 10**19), st.integers(0, 10**19), st.integers(1, 10**19))
def test_a_share_is_rounded_half_up(amount: int, part: int, whole: int):
    exact = Fraction(amount * part, whole)

    assert rounded_share(amount, part, whole) == (exact + Fraction(1, 2)).__floor__()


@pytest.mark.parametrize(("amount", "rounded"), [(1, 1), (3, 2), (-1, 0), (-3, -1)])
def test_a_half_goes_up(amount: int, rounded: int):
    assert rounded_share(amount, 1, 2) == rounded


@given(
    supply=st.lists(st.integers(10**19, 10**19 + 10**18), min_size=1, max_size=10),
    steps=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10**18)), max_size=6),
    approved=st.dictionaries(st.integers(0, 9), st.integers(0, 10**18)),
    issue=st.integers(1, 12),
)
def test_circulating_supply_is_the_methods(
    supply: list[int], steps: list[tuple[int, int]], approved: dict[int, int], issue: int
):
    network = network_with()
    eras = [
        EraTotals(id, GENESIS + id * timedelta(hours=2), total) for id, total in enumerate(supply)
    ]
    schedule = [(GENESIS + timedelta(hours=hours), amount) for hours, amount in steps]
    found = dict(
        circulating_supplies(
            eras, network, schedule, approved, transfers_before=11, treasuries=[treasury(issue, 9)]
        )
    )

    for era in eras:
        unlocks = sum(amount for hours, amount in steps if hours <= 2 * era.id)
        rewards = Fraction(era.total_supply - 10**19 - (9 if era.id >= issue else 0))
        if era.id < 5:
            rewards = rewards * unlocks / network.genesis_validators_weight
        transfers = 11 + sum(amount for id, amount in approved.items() if id <= era.id)
        assert found[era.id].transfers == transfers
        assert found[era.id].unlocks == unlocks
        assert found[era.id].rewards == (rewards + Fraction(1, 2)).__floor__()
        assert found[era.id].circulating == transfers + unlocks + found[era.id].rewards


@pytest.fixture
def eras_of_four(engine: Engine) -> Engine:
    """Total supply rises by 90 CSPR with era 2, by 89 with era 3; era 3 runs."""
    totals = [10**19, 10**19, 10**19 + 90 * CSPR, 10**19 + 179 * CSPR]
    rows = [factories.era(id, total_supply=total) for id, total in enumerate(totals)]
    rows[3] |= factories.running_era(3, blocks=4, total_supply=totals[3])
    transact(engine, lambda session: session.execute(insert(Era), rows))
    return engine


@pytest.mark.parametrize(
    ("era", "amount", "effective"),
    [(2, 100, True), (2, 101, False), (3, 100, False), (3, 98, True), (9, 1, False)],
)
def test_an_issue_counts_if_total_supply_rose_by_nine_tenths_of_it(
    eras_of_four: Engine, era: int, amount: int, effective: bool
):
    issue = treasury(era, amount * CSPR)
    network = network_with(treasuries=[issue])
    with read_session(eras_of_four) as session:
        assert effective_treasuries(session, network) == ([issue] if effective else [])


def test_an_ignored_issue_is_reported_once_when_its_era_is_over(eras_of_four: Engine):
    network = network_with(
        name=f"reported-{eras_of_four.dialect.name}",
        treasuries=[treasury(1, CSPR), treasury(2, 90 * CSPR), treasury(3, 900 * CSPR)],
    )
    with capture_logs() as logs, read_session(eras_of_four) as session:
        for _ in range(2):
            effective_treasuries(session, network)

    assert [(entry["log_level"], entry["era"]) for entry in logs] == [("warning", 1)]


def test_a_running_era_counts_unlocks_up_to_two_hours_after_its_start(eras_of_four: Engine):
    start = factories.era(3)["start"]
    session_rows = [
        {"schedule": 0, "date": start + timedelta(hours=2), "amount": 5},
        {"schedule": 0, "date": start + timedelta(hours=2, milliseconds=1), "amount": 7},
    ]

    def fill(session):
        session.execute(insert(Publication).values(id=0, published_at=GENESIS, schedule=0))
        session.execute(insert(Unlock), session_rows)

    transact(eras_of_four, fill)
    with read_session(eras_of_four) as session:
        found = dict(supplies(session, network_with(), 0, 3))

    assert found[3].unlocks == 5


def test_approved_transfers_count_from_their_era_on_as_the_publication_has_them(
    filled: Engine, network: Network
):
    with read_session(filled) as session:
        first, second = session.execute(
            select(TRANSFER.height, TRANSFER.index, TRANSFER.era_id, TRANSFER.amount)
            .where(TRANSFER.kind == "native", TRANSFER.amount > 0)
            .order_by(TRANSFER.height)
            .limit(2)
        ).all()

    def decide(session):
        for publication in (1, 2):
            session.execute(
                insert(Publication).values(id=publication, published_at=GENESIS, schedule=0)
            )
        for transfer, publication, approved in (
            (first, 1, True),
            (second, 1, True),
            (second, 2, False),
        ):
            session.execute(
                insert(Approval).values(
                    height=transfer.height,
                    index=transfer.index,
                    era_id=transfer.era_id,
                    publication=publication,
                    approved=approved,
                )
            )

    transact(filled, decide)
    for publication in (1, 2):
        for from_era in (0, 10):
            transact(
                filled,
                partial(derive_supply, network=network, publication=publication, from_era=from_era),
            )
    sums = {}
    with read_session(filled) as session:
        for publication in (0, 1, 2):
            found = dict(supplies(session, network, publication, 0))
            sums[publication] = {era: supply.transfers for era, supply in found.items()}
            again = dict(supplies(session, network, publication, 10))
            assert again == {era: supply for era, supply in found.items() if era >= 10}

    for era in sums[0]:
        one = first.amount if era >= first.era_id else 0
        both = one + (second.amount if era >= second.era_id else 0)
        assert (sums[0][era], sums[1][era], sums[2][era]) == (0, both, one)
    assert check(filled, network).faults == []


def test_decisions_of_a_publication_without_a_row_are_a_fault(filled: Engine, network: Network):
    row = {"height": 1, "index": 0, "publication": 0, "era_id": 0, "approved": None}

    def plant(session):
        session.execute(update(DeriveState).values(publication=2))
        session.execute(insert(Publication).values(id=2, published_at=GENESIS, schedule=0))
        session.execute(insert(Approval), [row, row | {"publication": 1}, row | {"publication": 3}])
        derive_supply(session, network, 2, 0)

    transact(filled, plant)

    # 3 is under way: nobody sees it
    faults = [str(fault) for fault in check(filled, network).faults]
    assert faults == ["publication 1: has decisions or figures, but no row"]


def test_what_is_published_and_put_back_goes_on_with_new_blocks_and_check_proves_it(
    filled_sqlite: Engine, network: Network, fetched
):
    desk = Desk(filled_sqlite, network)
    natives = select(TRANSFER.height, TRANSFER.index).where(TRANSFER.kind == "native")
    rows = desk.ask(lambda session: session.execute(natives.order_by(TRANSFER.height)).all())
    places = [tuple(row) for row in rows[:9]]
    for decision, some in (("approve", places), ("reject", places[:4])):
        desk.stage(decision, *some)
        desk.publish_staged()
        assert check(filled_sqlite, network).faults == []
    transact(filled_sqlite, partial(recrawl, first=90, last=101))
    derive_all(filled_sqlite, network)
    number = desk.do(propose_restoring, network, 1, desk.deed(), needs_second=False)
    desk.publish(number)
    assert desk.ask(stored_supplies, 3) != desk.ask(stored_supplies, 1)
    storing.complete(filled_sqlite, network, fetched)

    assert check(filled_sqlite, network).faults == []
    assert desk.ask(stored_supplies, 3) == desk.ask(stored_supplies, 1)
