"""Figures are worked out pass by pass; a supply is worked out once, when its eras are."""

import re
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update

from crawler.check import check
from crawler.database import read_session, transact
from crawler.derive.eras import ERAS_A_PASS
from crawler.derive.progress import derive, derive_all, has_work
from crawler.models.figures import DERIVE_STATE, ERA_SUPPLY, DeriveState, EraSupply
from crawler.network import Network
from crawler.store import touch_eras

WRONG = 7


@pytest.fixture
def wrong_supplies(filled: Engine) -> Engine:
    """Everything is worked out, but every supply is wrong."""
    transact(filled, lambda session: session.execute(update(EraSupply).values(unlocks=WRONG)))
    return filled


def touch(engine: Engine, first: int, count: int) -> None:
    transact(engine, partial(touch_eras, eras=range(first, first + count)))


def answer(engine: Engine, question: Any) -> Any:
    with read_session(engine) as session:
        return session.execute(question).scalar_one()


def unlocks_of(engine: Engine, era_id: int) -> int:
    return answer(engine, select(ERA_SUPPLY.unlocks).where(ERA_SUPPLY.era_id == era_id))


def test_supply_waits_until_the_last_of_many_stale_eras(wrong_supplies: Engine, network: Network):
    touch(wrong_supplies, 2, 2 * ERAS_A_PASS + 1)

    for _ in range(2):
        assert derive(wrong_supplies, network).more
        assert unlocks_of(wrong_supplies, 2) == WRONG
        assert answer(wrong_supplies, select(DERIVE_STATE.supply_from)) == 2
    derive(wrong_supplies, network)
    assert unlocks_of(wrong_supplies, 1) == WRONG
    assert unlocks_of(wrong_supplies, 2) != WRONG
    assert answer(wrong_supplies, select(DERIVE_STATE.supply_from)) is None


def test_supply_waits_from_the_lowest_era_on_that_changed_meanwhile(
    wrong_supplies: Engine, network: Network
):
    touch(wrong_supplies, 4, ERAS_A_PASS + 1)
    derive(wrong_supplies, network)
    touch(wrong_supplies, 0, ERAS_A_PASS)
    derive(wrong_supplies, network)
    assert answer(wrong_supplies, select(DERIVE_STATE.supply_from)) == 0
    while derive(wrong_supplies, network).more:
        pass

    assert check(wrong_supplies, network).faults == []


@pytest.mark.parametrize("count", [1, ERAS_A_PASS])
def test_supply_of_eras_that_one_pass_works_out_does_not_wait(
    wrong_supplies: Engine, network: Network, count: int
):
    touch(wrong_supplies, 5, count)
    derive(wrong_supplies, network)

    assert unlocks_of(wrong_supplies, 5) != WRONG
    assert answer(wrong_supplies, select(DERIVE_STATE.supply_from)) is None


def test_when_all_is_worked_out_there_is_work_again_once_blocks_come(
    filled: Engine, network: Network
):
    derive_all(filled, network)
    assert not has_work(filled)

    touch(filled, 3, 1)
    assert has_work(filled)
    derive_all(filled, network)
    assert not has_work(filled)


@pytest.mark.parametrize("left", [{"supply_from": 2}, {"depth_to": 5}])
def test_a_supply_or_depths_that_wait_are_work(
    filled: Engine, network: Network, left: dict[str, int]
):
    derive_all(filled, network)
    transact(filled, lambda session: session.execute(update(DeriveState).values(left)))

    assert has_work(filled)


def test_a_pass_reads_no_more_of_a_long_chain(filled_sqlite: Engine, network: Network):
    plans: list[tuple[str, str]] = []

    def explain(connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            explained = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.extend((statement, row[3]) for row in explained)

    transact(filled_sqlite, lambda session: session.execute(update(DeriveState).values(depth_to=5)))
    touch(filled_sqlite, 3, 2)
    event.listen(filled_sqlite, "before_cursor_execute", explain)
    derive(filled_sqlite, network)

    grows = "SCAN (block|transfer|era_supply)\\b|ix_transfer_amount|ix_block_switch .switch=..$"
    assert any("transfer USING INDEX" in plan for _, plan in plans)
    assert [each for each in plans if re.search(grows, each[1])] == []
