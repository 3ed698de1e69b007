"""An era's transfer volume: what its native transfers move, also of eras that an earlier release
worked out."""

from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from crawler.check import check
from crawler.database import read_session, transact
from crawler.derive.progress import derive, derive_all
from crawler.models.figures import ERA, ERA_TOUCH, Era
from crawler.network import Network


@pytest.fixture
def of_an_earlier_release(filled: Engine) -> Engine:
    """Everything is worked out, but for the volumes."""
    transact(filled, lambda session: session.execute(update(Era).values(transfer_volume=None)))
    return filled


def answer(engine: Engine, question: Any) -> list[Any]:
    with read_session(engine) as session:
        return list(session.execute(question).scalars())


def test_volumes_that_are_missing_are_summed_until_none_is(
    of_an_earlier_release: Engine, network: Network
):
    assert any(
        "transfer_volume is None" in line for line in check(of_an_earlier_release, network).faults
    )

    derive_all(of_an_earlier_release, network)

    assert check(of_an_earlier_release, network).faults == []
    assert not derive(of_an_earlier_release, network).more
    assert any(answer(of_an_earlier_release, select(ERA.transfer_volume)))


def test_meanwhile_no_era_is_stale_so_that_final_supplies_stay_final(
    of_an_earlier_release: Engine, network: Network
):
    derive(of_an_earlier_release, network)

    assert answer(of_an_earlier_release, select(ERA_TOUCH.era_id).where(ERA_TOUCH.stale)) == []
