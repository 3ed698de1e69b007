from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, update

from crawler.check import check
from crawler.models.chain import (
    BLOCK,
    ERA_VALIDATOR,
    KNOWN_ACCOUNT,
    TRANSFER,
    Block,
    EraValidator,
    KnownAccount,
    Transfer,
)
from crawler.models.figures import ERA, Era, EraSupply
from crawler.repair import repair
from crawler.sandbox.running import running
from tests.crawler.crawls import SMALL, SMALL_HEIGHT, chain_of, crawl_of, differences, network_of

FAULTS: dict[str, Callable[[], object]] = {
    "a block is missing": lambda: delete(Block).where(BLOCK.height == 20),
    "many are missing": lambda: delete(Block).where(BLOCK.height.between(10, 60)),
    "the newest is missing": lambda: delete(Block).where(BLOCK.height == SMALL_HEIGHT),
    "a hash is another": lambda: update(Block).where(BLOCK.height == 30).values(hash="ab" * 32),
    "an era is another": lambda: update(Block).where(BLOCK.height == 30).values(era_id=2),
    "a supply is another": lambda: update(Block).where(BLOCK.height == 6).values(total_supply=1),
    "a switch figure is gone": lambda: (
        update(Block).where(BLOCK.switch).values(next_era_weight=None)
    ),
    "transfers are gone": lambda: delete(Transfer).where(TRANSFER.index == 0),
    "a transfer is elsewhere": lambda: update(Transfer).values(era_id=1),
    "depths are wrong": lambda: update(Transfer).values(depth=3),
    "an era's sum is wrong": lambda: update(Era).where(ERA.id == 3).values(staked=1),
    "eras are gone": lambda: delete(Era),
    "supplies are gone": lambda: delete(EraSupply),
    "validators are gone": lambda: delete(EraValidator).where(ERA_VALIDATOR.era_id == 5),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_check_faults_is_fetched_again_or_worked_out_anew(
    migrated_sqlite: Engine, tmp_path: Path, fault: Callable[[], object]
):
    chain = chain_of(SMALL_HEIGHT, **SMALL)
    network = network_of(chain, tmp_path)
    with running(chain, nodes=2) as nodes:
        crawl = crawl_of(migrated_sqlite, network, nodes.urls)
        crawl.to_head()
        with migrated_sqlite.begin() as connection:
            connection.execute(fault())

        found, left = repair(migrated_sqlite, network, crawl.to_head)

    assert found
    assert left == []
    assert check(migrated_sqlite, network).faults == []
    assert differences(migrated_sqlite, chain) == {}


def test_a_key_of_another_account_is_forgotten(migrated_sqlite: Engine, tmp_path: Path):
    chain = chain_of(40, **SMALL)
    network = network_of(chain, tmp_path)
    with running(chain, nodes=1) as nodes:
        crawl = crawl_of(migrated_sqlite, network, nodes.urls)
        crawl.to_head()
        with migrated_sqlite.begin() as connection:
            some = connection.execute(KNOWN_ACCOUNT.account_hash.table.select()).first()
            change = update(KnownAccount).where(KNOWN_ACCOUNT.account_hash == some.account_hash)
            connection.execute(change.values(public_key="01" + "00" * 32))

        found, left = repair(migrated_sqlite, network, crawl.to_head)

    assert [line for line in found if some.account_hash in line]
    assert left == []


def test_a_right_database_is_left_as_it_is(migrated_sqlite: Engine, tmp_path: Path):
    chain = chain_of(40, **SMALL)
    network = network_of(chain, tmp_path)
    with running(chain, nodes=1) as nodes:
        crawl = crawl_of(migrated_sqlite, network, nodes.urls)
        crawl.to_head()

        assert repair(migrated_sqlite, network, crawl.to_head) == ([], [])

    assert differences(migrated_sqlite, chain) == {}
