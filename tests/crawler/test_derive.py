"""Figures are worked out pass by pass; a supply is worked out once, when its eras are."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from crawler.check import check
from crawler.database import read_session, transact
from crawler.derive.eras import ERAS_A_PASS
from crawler.derive.progress import derive
from crawler.models.figures import DERIVE_STATE, ERA_SUPPLY, EraSupply
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
