"""`check` finds what is wrong with a database, and nothing where nothing is."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, insert, select, update
from sqlmodel import Session

from crawler.check import check
from crawler.database import read_session, transact
from crawler.derive.progress import derive_all
from crawler.models.chain import (
    BLOCK,
    ERA_VALIDATOR,
    REWARD,
    TRANSFER,
    Block,
    EraValidator,
    KnownAccount,
    Reward,
    Transfer,
)
from crawler.models.decisions import UNLOCK, Unlock
from crawler.models.figures import (
    ACCOUNT_DEPTH,
    DERIVE_STATE,
    ERA,
    ERA_SUPPLY,
    AccountDepth,
    Era,
    EraSupply,
    EraTouch,
)
from crawler.models.work import CRAWL_STATE, CrawlRange, CrawlState
from crawler.network import Network, load_network
from crawler.recrawl import recrawl
from tests.crawler import storing
from tests.crawler.crawls import SMALL_HEIGHT

HASH = "ab" * 32
KEY = "01" + "cd" * 32
Plant = Callable[[Session], Any]


def change(model: Any, where: Any, **values: Any) -> Plant:
    return lambda session: session.execute(update(model).where(where).values(**values))


def remove(model: Any, where: Any) -> Plant:
    return lambda session: session.execute(delete(model).where(where))


def add(model: Any, **values: Any) -> Plant:
    return lambda session: session.execute(insert(model).values(**values))


def in_block(height: int, **values: Any) -> Plant:
    return change(Block, BLOCK.height == height, **values)


def in_era(era_id: int, **values: Any) -> Plant:
    return change(Era, ERA.id == era_id, **values)


def in_transfer(**values: Any) -> Plant:
    """In the first native transfer of depth 1."""

    def plant(session: Session) -> None:
        height, index = session.execute(
            select(TRANSFER.height, TRANSFER.index).where(TRANSFER.depth == 1).limit(1)
        ).one()
        here = (TRANSFER.height == height) & (TRANSFER.index == index)
        session.execute(update(Transfer).where(here).values(**values))

    return plant


def a_stray_transfer(session: Session) -> None:
    row = dict(session.execute(select(TRANSFER.height.table).limit(1)).one()._mapping)
    session.execute(insert(Transfer).values(row | {"height": 5000, "index": 0, "depth": None}))


def one_native_transfer_too_many(session: Session) -> None:
    """Beside as many as the block counts."""
    row = dict(
        session.execute(select(TRANSFER.height.table).where(TRANSFER.kind == "native").limit(1))
        .one()
        ._mapping
    )
    here = TRANSFER.height == row["height"]
    places = select(func.max(TRANSFER.index)).where(here)
    last = session.execute(places).scalar_one()
    counted = session.execute(
        select(BLOCK.transfers).where(BLOCK.height == row["height"])
    ).scalar_one()
    for extra in range(1, counted + 1):
        session.execute(insert(Transfer).values(row | {"index": last + extra}))


def the_only_account_depth_gone(session: Session) -> None:
    account = session.execute(select(ACCOUNT_DEPTH.account_hash).limit(1)).scalar_one()
    session.execute(delete(AccountDepth).where(ACCOUNT_DEPTH.account_hash == account))


def another_unlock(session: Session) -> None:
    first = session.execute(select(func.min(UNLOCK.date))).scalar_one()
    session.execute(update(Unlock).where(UNLOCK.date == first).values(amount=1))


def a_reward_doubled(session: Session) -> None:
    row = session.execute(select(REWARD.amount.table).where(REWARD.amount > 0).limit(1)).one()
    session.execute(
        update(Reward)
        .where(REWARD.era_id == row.era_id, REWARD.validator == row.validator)
        .where(REWARD.delegator == row.delegator)
        .values(amount=2 * row.amount)
    )


# 2.x from block 32 on; switch blocks of the small chain: 0, 4, 8, …, and 33, 38, …
FAULTS = {
    "a block is missing": (remove(Block, BLOCK.height == 50), "block 50 is missing"),
    "blocks are missing": (
        remove(Block, BLOCK.height.between(50, 53)),
        "blocks 50 to 53 are missing",
    ),
    "the first block is missing": (remove(Block, BLOCK.height == 0), "block 0 is missing"),
    "the newest block is missing": (
        remove(Block, BLOCK.height == SMALL_HEIGHT),
        f"block {SMALL_HEIGHT} is missing",
    ),
    "a hash": (in_block(50, hash=HASH), "block 51: names the parent"),
    "a parent": (in_block(50, parent_hash=HASH), f"block 50: names the parent {HASH}"),
    "genesis has a parent": (in_block(0, parent_hash=HASH), f"block 0: has the parent {HASH}"),
    "an era": (in_block(50, era_id=3), "block 50: era 3 after"),
    "a timestamp": (
        in_block(50, timestamp=storing.START - timedelta(days=3650)),
        "block 50: earlier than block 49",
    ),
    "a total supply in 1.x": (in_block(6, total_supply=1), "block 6: total supply changed"),
    "a switch figure missing": (in_block(4, validators=None), "block 4: validators is missing"),
    "a switch figure too many": (
        in_block(5, delegators_rewards=1),
        "block 5: delegators_rewards is set, on no switch block",
    ),
    "a negative count": (in_block(5, transfers=-1), "block 5: a negative count"),
    **{
        f"a block's {name}": (
            change(Block, BLOCK.height == 50, **{name: 10**15}),
            f"{name} is",
        )
        for name in ("deploys", "transfers", "staked", "unstaked", "redelegated")
    },
    **{
        f"an era's {name}": (in_era(3, **{name: value}), f"era 3: {name} is")
        for name, value in {
            "complete": False,
            "start_block": 1,
            "end_block": 1,
            "start": storing.START,
            "end": storing.START,
            "blocks": 1,
            "weight": 1,
            "total_supply": 1,
            "deploys": 999,
            "transfers": 999,
            "staked": 1,
            "unstaked": 1,
            "redelegated": 1,
            "transfer_volume": 1,
            "validators": 999,
            "validators_rewards": 1,
            "delegators": 999,
            "delegators_rewards": 1,
        }.items()
    },
    "an era's row is missing": (remove(Era, ERA.id == 3), "era 3: has blocks, but no row"),
    "a stray era": (
        lambda session: session.execute(
            insert(Era).values(
                dict(session.execute(select(ERA.id.table).where(ERA.id == 3)).one()._mapping)
                | {"id": 900}
            )
        ),
        "era 900: has a row, but no block",
    ),
    "an era not worked out": (
        change(EraTouch, EraTouch.era_id == 3, stale=True),
        "era 3: not worked out since its blocks changed",
    ),
    **{
        f"a supply's {name}": (
            change(EraSupply, ERA_SUPPLY.era_id == 3, **{name: 7}),
            "era 3: circulating supply is not what recomputes",
        )
        for name in ("transfers", "unlocks", "rewards")
    },
    "a supply is missing": (
        remove(EraSupply, ERA_SUPPLY.era_id == 3),
        "era 3: circulating supply is not what recomputes",
    ),
    "a stray supply": (
        add(EraSupply, publication=0, era_id=900, transfers=0, unlocks=0, rewards=0),
        "era 900: has a circulating supply, but no row",
    ),
    "the unlock schedule": (another_unlock, "circulating supply is not what recomputes"),
    "a validator's weight": (
        change(EraValidator, ERA_VALIDATOR.era_id == 3, weight=5),
        "era 3: its validators' weights are not what a switch block told",
    ),
    "validators are missing": (
        remove(EraValidator, ERA_VALIDATOR.era_id == 3),
        "era 3: its validators' weights are not what a switch block told",
    ),
    "a stray validator": (
        add(EraValidator, era_id=900, public_key=KEY, weight=5),
        "era 900: its validators' weights are not what a switch block told",
    ),
    "a reward": (a_reward_doubled, "holds rewards of"),
    "a stray reward": (
        add(Reward, era_id=900, validator=KEY, delegator="", amount=5),
        "era 900: holds rewards of 5 motes, paid were 0",
    ),
    "a depth": (in_transfer(depth=2), "depth 2, recomputed 1"),
    "no depth": (in_transfer(depth=None), "depth None, recomputed 1"),
    "a transfer's place": (in_transfer(index=70), "/70: the block's place"),
    "a transfer's era": (in_transfer(era_id=700), "era or time is not its block's"),
    "a transfer's time": (in_transfer(timestamp=storing.START), "era or time is not its block's"),
    "a transfer's sender": (in_transfer(from_account_hash=HASH), "depth 1, recomputed 0"),
    "a stray transfer": (a_stray_transfer, "transfer 5000/0: its block is not held"),
    "more transfers than counted": (
        one_native_transfer_too_many,
        "more native transfers than it counts",
    ),
    "a first receipt": (
        change(AccountDepth, ACCOUNT_DEPTH.first_index.is_not(None), first_index=70),
        "first receipts of depth 1 and 2 are not as recomputed",
    ),
    "a first receipt is missing": (
        the_only_account_depth_gone,
        "its first receipts of depth 1 and 2 are missing",
    ),
    "a stray first receipt": (
        add(AccountDepth, account_hash=HASH, first_height=1, first_index=0),
        f"account {HASH}: first receipts of depth 1 and 2 are not as recomputed",
    ),
    "a known account's key": (
        add(KnownAccount, account_hash=HASH, public_key=KEY),
        f"account {HASH}: {KEY} is another account's public key",
    ),
}


def test_nothing_is_found_on_a_right_database(filled: Engine, network: Network):
    report = check(filled, network)

    assert report.faults == []
    assert report.blocks == SMALL_HEIGHT + 1
    assert report.summary().endswith("no fault")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named_in_one_line(
    filled_sqlite: Engine, network: Network, fault: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("crawler.check._DERIVING_S", 0)
    plant, told = FAULTS[fault]
    transact(filled_sqlite, plant)
    report = check(filled_sqlite, network)

    assert [line for line in report.faults if told in line]
    assert all("\n" not in line for line in report.faults)
    assert report.summary().endswith(f"{len(report.faults)} faults")


@pytest.mark.mysql
@pytest.mark.parametrize("fault", ["a block is missing", "an era's staked", "a depth"])
def test_a_planted_fault_is_found_on_a_server_too(
    filled_mysql: Engine, network: Network, fault: str
):
    plant, told = FAULTS[fault]
    transact(filled_mysql, plant)

    assert [line for line in check(filled_mysql, network).faults if told in line]


def test_every_column_that_offline_proof_can_reach_has_a_planted_fault():
    """An era's row follows from its blocks: no column of it may be left out."""
    planted = {fault.removeprefix("an era's ") for fault in FAULTS}

    assert set(Era.model_fields) - {"id"} <= planted


def test_an_empty_database_is_a_fault(migrated_sqlite: Engine, network: Network):
    assert check(migrated_sqlite, network).faults == ["the database holds no crawl"]


def test_another_networks_database_is_the_only_fault(filled_sqlite: Engine):
    assert check(filled_sqlite, load_network("casper")).faults == [
        "the database holds the network 'casper-sandbox', not 'casper'"
    ]


def test_a_crawl_without_a_block_is_a_fault(migrated_sqlite: Engine, network: Network):
    storing.begin(migrated_sqlite, network)

    assert check(migrated_sqlite, network).faults == ["no block is held"]


def test_a_head_that_is_still_to_be_crawled_is_no_fault(
    migrated_sqlite: Engine, network: Network, fetched
):
    storing.fill(migrated_sqlite, network, fetched[:40])
    storing.see_head(migrated_sqlite, fetched[45])

    assert check(migrated_sqlite, network).faults == []


@pytest.mark.parametrize(
    ("planned", "told"),
    [
        ([(90, 100)], ["blocks 40 to 89 are missing"]),
        ([(40, 59), (61, 80)], ["block 60 is missing", "blocks 81 to 100 are missing"]),
        ([(20, 50), (51, 100)], []),
        ([], ["blocks 40 to 100 are missing"]),
    ],
)
def test_heights_above_the_newest_block_that_no_range_holds_are_missing(
    engine: Engine, network: Network, fetched, planned: list[tuple[int, int]], told: list[str]
):
    storing.fill(engine, network, fetched[:40])
    storing.see_head(engine, fetched[100])
    rows = [{"first": first, "last": last, "attempts": 0} for first, last in planned]

    def plan(session: Session) -> None:
        session.execute(delete(CrawlRange))
        if rows:
            session.execute(insert(CrawlRange), rows)

    transact(engine, plan)

    assert check(engine, network).faults == told


def test_heights_below_crawl_from_are_not_asked_for(
    migrated_sqlite: Engine, network: Network, fetched
):
    storing.begin(migrated_sqlite, network, crawl_from=40)
    storing.see_head(migrated_sqlite, fetched[60])
    storing.complete(migrated_sqlite, network, fetched)

    assert check(migrated_sqlite, network).faults == []
    with read_session(migrated_sqlite) as session:
        assert session.execute(select(func.min(BLOCK.height))).scalar() == 40
        assert session.execute(select(DERIVE_STATE.depth_to)).scalar() == -1


def test_heights_between_old_blocks_and_a_later_crawl_from_are_not_asked_for(
    filled_sqlite: Engine, network: Network
):
    transact(filled_sqlite, remove(Block, BLOCK.height.between(20, 30)))
    transact(filled_sqlite, change(CrawlState, CRAWL_STATE.id == 0, crawl_from=50))
    faults = check(filled_sqlite, network).faults

    assert not [line for line in faults if "missing" in line]


def test_taking_blocks_back_and_crawling_them_again_heals_them(
    filled: Engine, network: Network, fetched
):
    right = storing.figures(filled)
    transact(filled, in_block(50, hash=HASH, staked=12))
    transact(filled, partial(recrawl, first=50, last=50))
    storing.complete(filled, network, fetched)

    assert storing.figures(filled) == right
    assert check(filled, network).faults == []


def test_a_database_that_a_crawl_writes_to_has_no_fault(engine: Engine, network: Network, fetched):
    storing.fill(engine, network, fetched[:40])

    def follow() -> None:
        for item in fetched[40:60]:
            storing.see_head(engine, item)
            storing.store(engine, [item])
            assert storing.finish(engine, storing.claim(engine, "a", storing.START))
            derive_all(engine, network)

    with ThreadPoolExecutor() as other:
        following = other.submit(follow)
        reports = [check(engine, network)]
        while not following.done():
            reports.append(check(engine, network))
        following.result()

    assert [report.faults for report in reports] == [[]] * len(reports)


def test_an_era_whose_blocks_were_all_taken_back_has_no_figures(
    filled_sqlite: Engine, network: Network, fetched
):
    assert fetched[0].block.switch
    transact(filled_sqlite, partial(recrawl, first=0, last=0))
    derive_all(filled_sqlite, network)

    held = storing.figures(filled_sqlite)
    assert 0 not in {row["id"] for row in held["era"]}
    assert 0 not in {row["era_id"] for row in held["era_supply"]}
